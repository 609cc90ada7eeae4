import { randomBytes } from "node:crypto";
import { constants, inflateRawSync } from "node:zlib";
import {
  PingMessage,
  WebSocketBroadcaster,
  type WebSocketApplication,
  type WebSocketSession,
} from "../src/index";
import { closeApplications } from "./harness/application";
import { Client } from "./harness/client";
import { Keeper } from "./harness/keeper";
import { RawConnection } from "./harness/raw-connection";
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
  const peer = await RawConnection.upgrade(application.port, "/ws", OFFER);
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
    const { opcode, reserved, payload } = await peer.frame();
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
  await peer.answerClose();
});

it("sends a broadcast compressed to those who agreed, and as it is to the others", async () => {
  const compressing = await RawConnection.upgrade(application.port, "/ws", OFFER);
  const plain = await RawConnection.upgrade(application.port, "/ws");
  await until("the sessions", () => handler.sessions.length === 2);
  const news = "news ".repeat(1000);
  application.get(WebSocketBroadcaster).toAll().send(news);
  const one = await compressing.frame();
  expect([one.reserved, inflate(one.payload)]).toEqual([COMPRESSED, news]);
  const other = await plain.frame();
  expect([other.reserved, other.payload.toString()]).toEqual([0, news]);
  compressing.socket.destroy();
  plain.socket.destroy();
});

it("lets everything that was sent go before the close frame", async () => {
  const client = await Client.connect(`${application.url}/ws`, { perMessageDeflate: true });
  const session = await openedSession();
  for (let count = 0; count < 50; count += 1) void session.sendMessage(`${count} ${"x".repeat(4000)}`);
  session.close();
  expect((await within("the close", client.closed)).code).toBe(1000);
  expect(client.received.map((text) => Number.parseInt(text as string, 10))).toEqual(
    Array.from({ length: 50 }, (_, index) => index),
  );
});

it("does not hold against the peer what this side has not compressed yet", async () => {
  const client = await Client.connect(`${application.url}/ws`, { perMessageDeflate: true });
  const session = await openedSession();
  const message = randomBytes(32 * 1024);
  for (let count = 0; count < 64; count += 1) void session.sendMessage(message);
  expect(session.bufferedAmount).toBeGreaterThan(1024 * 1024);
  await until("all of it", () => client.received.length === 64);
  expect(session.isOpen).toBe(true);
  await client.close();
});

it("closes a peer with 4500 that does not read, however well it could be compressed", async () => {
  const peer = await RawConnection.upgrade(application.port, "/ws", OFFER);
  const session = await openedSession();
  peer.socket.pause();
  await until("the limit", () => {
    for (let count = 0; count < 8; count += 1) void session.sendMessage(randomBytes(16 * 1024));
    return !session.isOpen;
  });
  await until("the end", () => handler.statuses.length === 1);
  expect(handler.statuses[0]!.code).toBe(4500);
  peer.socket.destroy();
});

it("has nothing buffered once the session has ended, whatever was still being compressed", async () => {
  const peer = await RawConnection.upgrade(application.port, "/ws", OFFER);
  const session = await openedSession();
  const sent = Array.from({ length: 20 }, () => session.sendMessage(randomBytes(8192)));
  expect(session.bufferedAmount).toBeGreaterThan(0);
  session.native.terminate();
  await within("the end", session.closed);
  expect(session.bufferedAmount).toBe(0);
  await within("the promises", Promise.all(sent));
  await peer.end();
});
