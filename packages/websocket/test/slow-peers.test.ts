import type { Socket } from "node:net";
import type { RawConnection } from "@vernal/testing";
import {
  WebSocketBroadcaster,
  type WebSocketApplication,
  type WebSocketHandlerOptions,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger } from "./harness/application";
import { connectClient } from "./harness/client";
import { Keeper } from "./harness/keeper";
import { answerClose, upgradeRaw } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

interface Stalled {
  readonly application: WebSocketApplication;
  readonly peer: RawConnection;
  readonly session: WebSocketSession<object>;
  readonly handler: Keeper;
}

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
/** What the kernels of both ends take on loopback before anything waits here is less than this. */
const MORE_THAN_KERNELS_TAKE = 24 * MEBIBYTE;

/** A session whose peer has stopped to read. */
async function stalled(options: WebSocketHandlerOptions = {}): Promise<Stalled> {
  const handler = new Keeper();
  const application = await serve(handler, options);
  const peer = await upgradeRaw(application.port, "/ws");
  await until("the session", () => handler.sessions.length === 1);
  peer.pause();
  return { application, peer, session: handler.sessions[0]!, handler };
}

/** Fills the kernels, and waits for what is left to be looked at: a bit at a time, as no burst would. */
async function sendUntil(session: WebSocketSession<object>, done: () => boolean): Promise<number> {
  const message = Buffer.alloc(16 * KIBIBYTE);
  let sent = 0;
  await until("the limit", () => {
    if (done()) return true;
    void session.sendMessage(message);
    sent += message.length;
    return false;
  });
  return sent;
}

afterEach(closeApplications);

describe("a peer that stops to read", () => {
  it("is closed with 4500 above sendBufferLimitBytes, and what waits is given up at once", async () => {
    const { logger, lines } = recordingLogger("info");
    const handler = new Keeper();
    const application = await serve(handler, {}, { logger });
    const peer = await upgradeRaw(application.port, "/ws");
    await until("the session", () => handler.sessions.length === 1);
    const [session] = handler.sessions;
    peer.pause();
    await sendUntil(session!, () => !session!.isOpen);
    // The write that is on its way, and the close frame.
    expect(session!.bufferedAmount).toBeLessThan(80 * KIBIBYTE);
    await until("the end", () => handler.statuses.length === 1);
    expect([handler.statuses[0]!.code, session!.closedBy]).toEqual([4500, "local"]);
    const stats = application.stats();
    expect(stats.highestBufferedBytes).toBeLessThan(640 * KIBIBYTE);
    expect(stats.limits).toEqual({ sendBufferLimitBytes: 1 });
    expect(stats.closesByCode).toEqual({ 4500: 1 });
    expect(stats.droppedMessages).toBeGreaterThan(0);
    expect(lines).toContainEqual(
      expect.objectContaining({ session: session!.id, limit: "sendBufferLimitBytes", code: 4500 }),
    );
  });

  it("sees whole messages and then the 4500, if it comes back to read in time", async () => {
    const { peer, session, handler } = await stalled({ closeTimeoutMs: 4000 });
    await sendUntil(session, () => !session.isOpen);
    peer.resume();
    const payload = await answerClose(peer);
    expect(payload.readUInt16BE()).toBe(4500);
    await until("the end", () => handler.statuses.length === 1);
    expect(handler.statuses[0]!.code).toBe(4500);
  });

  it("is closed with 4500 when it takes nothing for sendTimeLimitMs, however little waits", async () => {
    const { application, session, handler } = await stalled({
      sendTimeLimitMs: 200,
      sendBufferLimitBytes: 64 * MEBIBYTE,
    });
    await sendUntil(session, () => session.bufferedAmount > 0);
    expect(session.isOpen).toBe(true);
    await until("the end", () => handler.statuses.length === 1);
    expect(handler.statuses[0]!.code).toBe(4500);
    expect(application.stats().limits).toEqual({ sendTimeLimitMs: 1 });
  });

  it("is not closed as long as it takes some of it, now and then", async () => {
    const { peer, session } = await stalled({
      sendTimeLimitMs: 800,
      sendBufferLimitBytes: 64 * MEBIBYTE,
    });
    // Frames of 32 KiB: a write of the outbox is at most 64 KiB, so that progress shows.
    for (let bytes = 0; bytes < MORE_THAN_KERNELS_TAKE; bytes += 32 * KIBIBYTE) {
      void session.sendMessage(Buffer.alloc(32 * KIBIBYTE));
    }
    // 64 KiB at a time, for longer than the limit.
    const end = performance.now() + 1200;
    peer.native.on("data", () => {
      peer.pause();
      setTimeout(() => peer.resume(), 5);
    });
    peer.resume();
    await until("the time to pass, or the end", () => performance.now() > end || !session.isOpen);
    expect(session.bufferedAmount).toBeGreaterThan(0);
    expect(session.isOpen).toBe(true);
  });

  it("is closed with 4500 when it takes a frame above 64 KiB bit by bit, for longer than sendTimeLimitMs", async () => {
    const { application, peer, session, handler } = await stalled({
      sendTimeLimitMs: 400,
      sendBufferLimitBytes: 128 * MEBIBYTE,
    });
    void session.sendMessage(Buffer.alloc(4 * MORE_THAN_KERNELS_TAKE));
    // It goes on taking until the session ends: what it has not taken by then is most of the frame.
    peer.native.on("data", () => {
      peer.pause();
      setTimeout(() => peer.resume(), 5);
    });
    peer.resume();
    await until("the end", () => handler.statuses.length === 1);
    expect(handler.statuses[0]!.code).toBe(4500);
    expect(application.stats().limits).toEqual({ sendTimeLimitMs: 1 });
  });

  it("has its oldest whole messages dropped where that is the strategy, and stays", async () => {
    const { application, peer, session } = await stalled({ overflowStrategy: "drop" });
    const answers: Promise<boolean>[] = [];
    let last = 0;
    await until("drops", () => {
      last += 1;
      answers.push(session.sendMessage(`${last} ${"x".repeat(32 * KIBIBYTE)}`));
      return application.stats().droppedMessages >= 20;
    });
    expect(session.isOpen).toBe(true);
    expect(session.bufferedAmount).toBeLessThan(700 * KIBIBYTE);
    peer.resume();
    const numbers: number[] = [];
    while (numbers.at(-1) !== last) {
      const { opcode, payload } = await peer.nextFrame();
      expect([opcode, payload.length > 32 * KIBIBYTE]).toEqual([1, true]);
      numbers.push(Number.parseInt(payload.toString("utf8"), 10));
    }
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    const { droppedMessages, limits } = application.stats();
    expect(limits["sendBufferLimitBytes"]).toBeGreaterThan(0);
    expect(last - numbers.length).toBe(droppedMessages);
    const sent = await within("the answers", Promise.all(answers));
    expect(sent.filter((each) => !each)).toHaveLength(droppedMessages);
    for (const number of numbers) expect(sent[number - 1]).toBe(true);
    session.close();
    await answerClose(peer);
  });

  it("is closed at once when one turn sends more than maxBurstBytes beside the limit", async () => {
    const { application, session } = await stalled({ maxBurstBytes: MEBIBYTE });
    let count = 0;
    while (session.isOpen && count < 100) {
      void session.sendMessage(Buffer.alloc(64 * KIBIBYTE));
      count += 1;
    }
    // 1 MiB, and 512 KiB of sendBufferLimitBytes, less the headers.
    expect(count).toBe(24);
    expect(application.stats().limits).toEqual({ maxBurstBytes: 1 });
  });
});

it("lets a burst pass that the peer takes", async () => {
  const handler = new Keeper();
  const application = await serve(handler);
  const client = await connectClient(`${application.url}/ws`);
  await until("the session", () => handler.sessions.length === 1);
  const [session] = handler.sessions;
  for (let count = 0; count < 64; count += 1) void session!.sendMessage(Buffer.alloc(16 * KIBIBYTE));
  expect(session!.bufferedAmount).toBeGreaterThan(MEBIBYTE);
  await until("all of it", () => client.received.length === 64);
  expect(session!.isOpen).toBe(true);
  await client.close();
});

it("never delays the others: a broadcast reaches 900 of 1000 in the turn in which it is sent", async () => {
  const handler = new Keeper();
  const application = await serve(handler, { sendBufferLimitBytes: 64 * MEBIBYTE });
  const broadcaster = application.get(WebSocketBroadcaster);
  const peers: RawConnection[] = [];
  while (peers.length < 1000) {
    const batch = Array.from({ length: 100 }, () => upgradeRaw(application.port, "/ws"));
    peers.push(...(await Promise.all(batch)));
  }
  await until("the sessions", () => handler.sessions.length === 1000);
  const slow = new Set<WebSocketSession<object>>();
  for (const peer of peers.slice(0, 100)) {
    peer.pause();
    const session = handler.sessions.find(
      ({ remoteAddress }) => remoteAddress?.port === (peer.native as Socket).localPort,
    )!;
    slow.add(session);
    // 12 MiB in one frame: more than the kernels take.
    void session.sendMessage(LARGE);
  }
  await until("the slow ones to be stuck", () => [...slow].every(({ bufferedAmount }) => bufferedAmount > 0));

  expect(broadcaster.toAll().send("news")).toBe(1000);
  // The frames of a turn are written behind it, before anything else happens.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const waiting = handler.sessions.filter(({ bufferedAmount }) => bufferedAmount > 0);
  expect(new Set(waiting)).toEqual(slow);
  for (const peer of peers.slice(100)) expect((await peer.nextFrame()).payload.toString()).toBe("news");
  for (const peer of peers) peer.destroy();
}, 20_000);

const LARGE = Buffer.alloc(12 * MEBIBYTE);
