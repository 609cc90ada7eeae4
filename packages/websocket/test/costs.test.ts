import { createHook } from "node:async_hooks";
import { createServer, type Server } from "node:http";
import { constants, deflateRawSync } from "node:zlib";
import { encodeRawFrame } from "@vernal/testing";
import {
  type TextMessage,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  type WebSocketApplication,
  type WebSocketSession,
} from "../src/index";
import * as frame from "../src/engine/connection/frame";
import { attach, closeHosts } from "./harness/attached";
import { CountedSocket } from "./harness/counted-socket";

@WebSocketHandler("/ws")
class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message);
  }
}

let server: Server;
let application: WebSocketApplication;
const sockets: CountedSocket[] = [];

beforeEach(async () => {
  server = createServer();
  application = await attach(server, { components: [Echo] });
});
afterEach(async () => {
  jest.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.destroy();
  await closeHosts();
});

const inOneRead = (count: number, text: string): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => encodeRawFrame({ opcode: 1, payload: text })));

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function open(count: number): CountedSocket[] {
  const opened = Array.from({ length: count }, () => CountedSocket.upgraded(server));
  sockets.push(...opened);
  return opened;
}

/** How many promises come about while `work` runs, and in the turn behind it. */
function promisesDuring(work: () => void): Promise<number> {
  let count = 0;
  const hook = createHook({ init: (_, type) => void (count += type === "PROMISE" ? 1 : 0) });
  return new Promise((resolve) => {
    setImmediate(() => {
      hook.enable();
      work();
      setImmediate(() => {
        hook.disable();
        resolve(count);
      });
    });
  });
}

describe("a message", () => {
  it.each([
    [1, 16],
    [16, 16],
    [16, 128],
    [16, 1024],
  ])("is one of %p of %p bytes in a read, whose answers are one write", async (count, bytes) => {
    const [socket] = open(1);
    socket!.arrive(inOneRead(count, "x".repeat(bytes)));
    await tick();
    expect(socket!.writes).toHaveLength(1);
    expect(socket!.writes.flat().reduce((sum, { length }) => sum + length, 0)).toBe(
      count * (bytes + (bytes < 126 ? 2 : 4)),
    );
  });

  it("that is small shares a buffer with the others of its tick", async () => {
    const [socket] = open(1);
    const frames = jest.spyOn(frame, "frameOf");
    socket!.arrive(inOneRead(16, "x".repeat(128)));
    await tick();
    expect(socket!.writes.map((buffers) => buffers.length)).toEqual([1]);
    // No frame of its own.
    expect(frames).not.toHaveBeenCalled();
  });

  it("that is large leaves in one write with the others, and its bytes are those that came", async () => {
    const [socket] = open(1);
    const chunk = inOneRead(15, "x".repeat(4096));
    socket!.arrive(chunk);
    await tick();
    expect(socket!.writes.map((buffers) => buffers.length)).toEqual([30]);
    const payloads = socket!.writes[0]!.filter(({ length }) => length === 4096);
    expect(payloads.map(({ buffer }) => buffer === chunk.buffer)).toEqual(Array(15).fill(true));
  });

  it("is not decoded where nobody reads its text", async () => {
    const [socket] = open(1);
    const decoded = jest.spyOn(Buffer.prototype, "toString");
    socket!.arrive(inOneRead(16, "héllo"));
    await tick();
    expect(socket!.writes).toHaveLength(1);
    expect(decoded).not.toHaveBeenCalled();
  });

  it("costs no promise where its callback is synchronous, nor does the answer to it", async () => {
    const [socket] = open(1);
    socket!.arrive(inOneRead(16, "first"));
    const promises = await promisesDuring(() => socket!.arrive(inOneRead(16, "hello")));
    expect(application.stats().sent.messages).toBe(32);
    expect(promises).toBe(0);
  });
});

describe("a broadcast", () => {
  it("is encoded once, and is one write per session and tick", async () => {
    const audience = open(50);
    const broadcaster = application.get(WebSocketBroadcaster);
    const encodes = jest.spyOn(frame, "encodeFrame");
    for (let count = 0; count < 4; count += 1) broadcaster.toAll().send("x".repeat(128));
    await tick();
    expect(encodes).toHaveBeenCalledTimes(4);
    expect(audience.map(({ writes }) => writes.map((buffers) => buffers.length))).toEqual(
      audience.map(() => [1]),
    );
  });

  it("that is alone in its tick is not copied", async () => {
    const audience = open(50);
    application.get(WebSocketBroadcaster).toAll().send("x".repeat(128));
    await tick();
    expect(new Set(audience.flatMap(({ writes }) => writes.flat())).size).toBe(1);
  });
});

it("the answer to a compressed message, which is inflated after its read, leaves in the tick of its callback", async () => {
  const host = createServer();
  let resolve!: () => void;
  const handled = new Promise<void>((settle) => (resolve = settle));
  @WebSocketHandler("/ws", { perMessageDeflate: true })
  class Answering extends TextWebSocketHandler {
    override handleTextMessage(session: WebSocketSession): void {
      void session.sendMessage("answer");
      setImmediate(resolve);
    }
  }
  await attach(host, { components: [Answering] });
  const socket = CountedSocket.upgraded(host, { "sec-websocket-extensions": "permessage-deflate" });
  sockets.push(socket);
  const deflated = deflateRawSync("question", { finishFlush: constants.Z_SYNC_FLUSH });
  socket.arrive(encodeRawFrame({ opcode: 1, payload: deflated.subarray(0, -4), reserved: 0b100 }));
  await handled;
  expect(socket.writes).toHaveLength(1);
});

it("a handshake at which nothing is asynchronous costs no promise", async () => {
  open(1);
  expect(await promisesDuring(() => open(10))).toBe(0);
  expect(application.stats().openSessions).toBe(11);
});
