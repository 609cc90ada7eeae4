import { encodeRawFrame } from "@vernal/testing";
import { type HandshakeHandler } from "../src/index";
import { closeApplications, recordingLogger } from "./harness/application";
import { connectClient } from "./harness/client";
import { Keeper } from "./harness/keeper";
import { answerClose, leave, upgradeRaw } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until } from "./harness/until";

const soon = (ms: number): Date => new Date(Date.now() + ms);

afterEach(closeApplications);

it("closes a session with 1008 that is silent for firstMessageTimeoutMs, pings or not, and no other", async () => {
  const handler = new Keeper();
  const application = await serve(handler, { firstMessageTimeoutMs: 200 });
  const talking = await connectClient(`${application.url}/ws`);
  talking.send("hello");
  const pinging = await upgradeRaw(application.port, "/ws");
  pinging.writeFrame({ opcode: 9, payload: "hello" });
  await pinging.nextFrame();
  const silent = await connectClient(`${application.url}/ws`);
  expect(await silent.closed()).toEqual({ code: 1008, reason: "No first message" });
  expect((await answerClose(pinging)).readUInt16BE()).toBe(1008);
  await until("the ends", () => handler.statuses.length === 2);
  expect(talking.native.readyState).toBe(talking.native.OPEN);
  expect(application.stats().limits).toEqual({ firstMessageTimeoutMs: 2 });
  await talking.close();
});

it("is not put off by a peer that makes the socket pause for a moment again and again", async () => {
  const handler = new Keeper();
  const application = await serve(handler, { firstMessageTimeoutMs: 400, unfinishedMessageTimeoutMs: false });
  const peer = await upgradeRaw(application.port, "/ws");
  // More than are handled in one turn: the rest waits, and the socket with it.
  const burst = Buffer.concat(Array.from({ length: 300 }, () => encodeRawFrame({ opcode: 10 })));
  const timer = setInterval(() => peer.native.write(burst), 20);
  expect((await answerClose(peer)).readUInt16BE()).toBe(1008);
  clearInterval(timer);
  expect(application.stats().limits).toEqual({
    firstMessageTimeoutMs: 1,
    maxPendingMessages: expect.any(Number) as number,
  });
  await leave(peer);
});

it("closes a session with 1001 that is without a message of either side for idleTimeoutMs", async () => {
  const handler = new Keeper();
  const application = await serve(handler, { idleTimeoutMs: 400 });
  const idle = await connectClient(`${application.url}/ws`);
  await until("the session", () => handler.sessions.length === 1);
  const listening = await connectClient(`${application.url}/ws`);
  await until("the other session", () => handler.sessions.length === 2);
  const talking = await connectClient(`${application.url}/ws`);
  const timer = setInterval(() => {
    void handler.sessions[1]!.sendMessage("news");
    talking.send("news");
    idle.native.ping();
  }, 20);
  expect(await idle.closed()).toEqual({ code: 1001, reason: "Idle" });
  expect(listening.native.readyState).toBe(listening.native.OPEN);
  expect(talking.native.readyState).toBe(talking.native.OPEN);
  clearInterval(timer);
  expect((await listening.closed()).code).toBe(1001);
});

describe("a session whose principal has an end", () => {
  const until200ms: HandshakeHandler = {
    determineUser: () => ({ name: "ada", expiresAt: soon(200) }),
  };

  it("closes with 1008 and a reason at that time", async () => {
    const { logger, lines } = recordingLogger("info");
    const handler = new Keeper();
    const options = { handshakeHandler: until200ms, slowCallbackMs: 100 };
    const application = await serve(handler, options, { logger });
    const client = await connectClient(`${application.url}/ws`);
    expect(await client.closed()).toEqual({ code: 1008, reason: "Authentication expired" });
    const [session] = handler.sessions;
    expect(session!.expiresAt!.getTime()).toBeLessThanOrEqual(Date.now());
    await until("the end", () => handler.statuses.length === 1);
    expect(handler.statuses[0]!.code).toBe(1008);
    expect(lines).toContainEqual(expect.objectContaining({ session: session!.id }));
  });

  it("goes on when authenticate has renewed it before, and may take the end back", async () => {
    const handler = new Keeper();
    const options = { handshakeHandler: until200ms, slowCallbackMs: 100 };
    const application = await serve(handler, options);
    const renewed = await connectClient(`${application.url}/ws`);
    const freed = await connectClient(`${application.url}/ws`);
    await until("the sessions", () => handler.sessions.length === 2);
    handler.sessions[0]!.authenticate({ name: "ada" }, { expiresAt: soon(60_000) });
    handler.sessions[1]!.authenticate({ name: "ada" });
    const other = await connectClient(`${application.url}/ws`);
    await other.closed();
    expect([renewed.native.readyState, freed.native.readyState]).toEqual([1, 1]);
    expect(handler.sessions[1]!.expiresAt).toBeUndefined();
    handler.sessions[0]!.authenticate({ name: "ada" }, { expiresAt: soon(0) });
    expect((await renewed.closed()).code).toBe(1008);
    await freed.close();
  });
});
