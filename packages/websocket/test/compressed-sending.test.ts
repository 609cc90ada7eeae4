import { createHook } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { constants, inflateRawSync } from "node:zlib";
import type { RawConnection } from "@vernal/testing";
import {
  PingMessage,
  WebSocketBroadcaster,
  type WebSocketApplication,
  type WebSocketSession,
} from "../src/index";
import { SharedFrame } from "../src/engine/connection/shared-frame";
import { closeApplications } from "./harness/application";
import { connectClient } from "./harness/client";
import { Keeper } from "./harness/keeper";
import { answerClose, leave, upgradeRaw } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

const OFFER = ["Sec-WebSocket-Extensions: permessage-deflate"];
const COMPRESSED = 0b100;

let handler: Keeper;
let application: WebSocketApplication;

beforeEach(async () => {
  handler = new Keeper();
  application = await serve(handler, { perMessageDeflate: true });
});
afterEach(closeApplications);

async function openedSession(): Promise<WebSocketSession<object>> {
  await until("the session", () => handler.sessions.length === 1);
  return handler.sessions[0]!;
}

const inflate = (payload: Buffer): string =>
  inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]), {
    finishFlush: constants.Z_SYNC_FLUSH,
  }).toString();

it("compresses from 1 KiB on, and keeps the order of large, small, empty and pings", async () => {
  const peer = await upgradeRaw(application.port, "/ws", OFFER);
  const session = await openedSession();
  const text = (kind: string, length: number): string => kind.repeat(length);
  void session.sendMessage(text("a", 1024));
  void session.sendMessage(text("b", 1023));
  void session.sendMessage("");
  void session.sendMessage(new PingMessage(Buffer.from("p")));
  void session.sendMessage(Buffer.from(text("c", 5000)));
  const last = session.sendMessage("d");
  const seen: [opcode: number, isCompressed: boolean, payload: string][] = [];
  while (seen.length < 6) {
    const { opcode, reserved, payload } = await peer.nextFrame();
    const isCompressed = reserved === COMPRESSED;
    seen.push([opcode, isCompressed, isCompressed ? inflate(payload) : payload.toString()]);
  }
  expect(seen).toEqual([
    [1, true, text("a", 1024)],
    [1, false, text("b", 1023)],
    [1, false, ""],
    [9, false, "p"],
    [2, true, text("c", 5000)],
    [1, false, "d"],
  ]);
  expect(await within("the answer", last)).toBe(true);
  session.close();
  await answerClose(peer);
});

it("sends a broadcast compressed to those who agreed, and as it is to the others", async () => {
  const compressing = await upgradeRaw(application.port, "/ws", OFFER);
  const plain = await upgradeRaw(application.port, "/ws");
  await until("the sessions", () => handler.sessions.length === 2);
  const news = "news ".repeat(1000);
  application.get(WebSocketBroadcaster).toAll().send(news);
  const one = await compressing.nextFrame();
  expect([one.reserved, inflate(one.payload)]).toEqual([COMPRESSED, news]);
  const other = await plain.nextFrame();
  expect([other.reserved, other.payload.toString()]).toEqual([0, news]);
  compressing.destroy();
  plain.destroy();
});

it("lets everything that was sent go before the close frame", async () => {
  const client = await connectClient(`${application.url}/ws`, { perMessageDeflate: true });
  const session = await openedSession();
  for (let count = 0; count < 50; count += 1) void session.sendMessage(`${count} ${"x".repeat(4000)}`);
  session.close();
  expect((await client.closed()).code).toBe(1000);
  expect(client.received.map((text) => Number.parseInt(text as string, 10))).toEqual(
    Array.from({ length: 50 }, (_, index) => index),
  );
});

it("does not hold against the peer what this side has not compressed yet", async () => {
  const client = await connectClient(`${application.url}/ws`, { perMessageDeflate: true });
  const session = await openedSession();
  const message = randomBytes(32 * 1024);
  for (let count = 0; count < 64; count += 1) void session.sendMessage(message);
  expect(session.bufferedAmount).toBeGreaterThan(1024 * 1024);
  await until("all of it", () => client.received.length === 64);
  expect(session.isOpen).toBe(true);
  await client.close();
});

it("closes a peer with 4500 that does not read, however well it could be compressed", async () => {
  const peer = await upgradeRaw(application.port, "/ws", OFFER);
  const session = await openedSession();
  peer.pause();
  await until("the limit", () => {
    for (let count = 0; count < 8; count += 1) void session.sendMessage(randomBytes(16 * 1024));
    return !session.isOpen;
  });
  await until("the end", () => handler.statuses.length === 1);
  expect(handler.statuses[0]!.code).toBe(4500);
  peer.destroy();
});

it("has nothing buffered once the session has ended, whatever was still being compressed", async () => {
  const peer = await upgradeRaw(application.port, "/ws", OFFER);
  const session = await openedSession();
  const sent = Array.from({ length: 20 }, () => session.sendMessage(randomBytes(8192)));
  expect(session.bufferedAmount).toBeGreaterThan(0);
  session.native.terminate();
  await within("the end", session.closed);
  expect(session.bufferedAmount).toBe(0);
  await within("the promises", Promise.all(sent));
  await leave(peer);
});

/** Counts what zlib is set up for, by ws or by us. */
function countCompressors(): { stop(): number } {
  let count = 0;
  const hook = createHook({ init: (_, type) => void (count += type === "ZLIB" ? 1 : 0) }).enable();
  const stop = (): number => {
    hook.disable();
    return count;
  };
  return { stop };
}

describe("a broadcast", () => {
  const OFFERS_SMALL_WINDOW = [`${OFFER[0]}; server_max_window_bits=9`];
  const news = "news ".repeat(100);

  /** So many that small messages are compressed too. */
  async function audience(): Promise<RawConnection[]> {
    const peers = await Promise.all(
      Array.from({ length: 16 }, () => upgradeRaw(application.port, "/ws", OFFER)),
    );
    await until("the sessions", () => handler.sessions.length === peers.length);
    return peers;
  }

  const toAll = (message: string | Buffer): number =>
    application.get(WebSocketBroadcaster).toAll().send(message);

  async function received(
    peer: RawConnection,
  ): Promise<[opcode: number, isCompressed: boolean, text: string]> {
    const { opcode, reserved, payload } = await peer.nextFrame();
    const isCompressed = reserved === COMPRESSED;
    return [opcode, isCompressed, isCompressed ? inflate(payload) : payload.toString()];
  }

  const end = (peers: readonly RawConnection[]): void => peers.forEach((peer) => peer.destroy());

  it("is compressed once for all who can read it", async () => {
    const peers = await audience();
    const compressors = countCompressors();
    toAll(news);
    toAll(Buffer.from(news));
    const frames = await Promise.all(
      peers.map(async (peer) => [await peer.nextFrame(), await peer.nextFrame()]),
    );
    expect(compressors.stop()).toBe(2);
    for (const pair of frames) {
      expect(pair.map(({ opcode, reserved }) => [opcode, reserved])).toEqual([
        [1, COMPRESSED],
        [2, COMPRESSED],
      ]);
      expect(pair.map(({ payload }) => inflate(payload))).toEqual([news, news]);
    }
    end(peers);
  });

  it("is not compressed where it is short, or random, or for a few and below 1 KiB", async () => {
    const peers = await audience();
    const random = randomBytes(2000).toString("latin1");
    const compressors = countCompressors();
    toAll("x".repeat(255));
    toAll(Buffer.from(random, "latin1"));
    application.get(WebSocketBroadcaster).toAll().except(handler.sessions[0]!).send("");
    for (const peer of peers.slice(1)) {
      expect(await received(peer)).toEqual([1, false, "x".repeat(255)]);
      expect((await peer.nextFrame()).payload.toString("latin1")).toBe(random);
      expect(await received(peer)).toEqual([1, false, ""]);
    }
    // The random one, once, to see that it does not get smaller.
    expect(compressors.stop()).toBe(1);
    handler.sessions[1]!.join("few");
    application.get(WebSocketBroadcaster).toGroup("few").send(news);
    toAll("end");
    const rest = await Promise.all(peers.slice(1).map((peer) => received(peer)));
    expect(rest.filter(([, isCompressed, text]) => text === news && !isCompressed)).toHaveLength(1);
    expect(rest.filter(([, , text]) => text === "end")).toHaveLength(14);
    end(peers);
  });

  it("that is large and for a few is left to the threads of ws", async () => {
    const peer = await upgradeRaw(application.port, "/ws", OFFER);
    await openedSession();
    const whileSending = (text: string): number => {
      const compressors = countCompressors();
      toAll(text);
      return compressors.stop();
    };
    const [medium, large] = ["m".repeat(8 * 1024), "l".repeat(8 * 1024 + 1)];
    expect(whileSending(medium)).toBe(1);
    expect(await received(peer)).toEqual([1, true, medium]);
    expect(new SharedFrame(large, 1).compressed).toBeNull();
    expect(new SharedFrame(large, 2).compressed).not.toBeNull();
    toAll(large);
    expect(await received(peer)).toEqual([1, true, large]);
    peer.destroy();
  });

  it("keeps its place among what a session compresses for itself", async () => {
    const peers = await audience();
    const alone = "alone ".repeat(2000);
    for (const session of handler.sessions.slice(0, 8)) {
      void session.sendMessage("small");
      void session.sendMessage(alone);
      void session.sendMessage("behind");
    }
    toAll(news);
    for (const session of handler.sessions) void session.sendMessage("last");
    toAll("end");
    const counts = peers.map(async (peer) => {
      const seen: string[] = [];
      while (seen.at(-1) !== "end") seen.push((await received(peer))[2]);
      return seen;
    });
    const texts = await within("all of it", Promise.all(counts));
    const shared = [news, "last", "end"];
    expect(texts.filter(({ length }) => length === 6)).toEqual(
      Array.from({ length: 8 }, () => ["small", alone, "behind", ...shared]),
    );
    expect(texts.filter(({ length }) => length === 3)).toEqual(Array.from({ length: 8 }, () => shared));
    end(peers);
  });

  it("is compressed apart for who has a smaller window", async () => {
    const peers = await audience();
    const small = await upgradeRaw(application.port, "/ws", OFFERS_SMALL_WINDOW);
    await until("the session", () => handler.sessions.length === peers.length + 1);
    // What repeats lies further back than 512 bytes.
    const far = `${randomBytes(800).toString("hex")}${"-".repeat(100)}`.repeat(3);
    toAll(far);
    const { payload } = await small.nextFrame();
    const tail = Buffer.from([0, 0, 0xff, 0xff]);
    // In small pieces, so that zlib has to look back into its window.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, windowBits: 9, chunkSize: 64 };
    expect(inflateRawSync(Buffer.concat([payload, tail]), options).toString()).toBe(far);
    for (const peer of peers) expect(await received(peer)).toEqual([1, true, far]);
    end([...peers, small]);
  });

  it("reaches a client of ws whole, with everything else in its order", async () => {
    const clients = await Promise.all(
      Array.from({ length: 16 }, () => connectClient(`${application.url}/ws`, { perMessageDeflate: true })),
    );
    await until("the sessions", () => handler.sessions.length === clients.length);
    const texts = Array.from({ length: 60 }, (_, index) => `${index}:${"word ".repeat((index * 37) % 900)}`);
    for (const [index, text] of texts.entries()) {
      if (index % 3 === 0) toAll(text);
      else for (const session of handler.sessions) void session.sendMessage(text);
      if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const client of clients) for (const text of texts) expect(await client.next()).toBe(text);
    await Promise.all(clients.map((client) => client.close()));
  });
});
