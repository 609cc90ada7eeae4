import { encodeRawFrame, type RawConnection, type TestClient } from "@vernal/testing";
import {
  BinaryMessage,
  CloseStatus,
  PingMessage,
  PongMessage,
  TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications } from "./harness/application";
import { connectClient } from "./harness/client";
import { Keeper } from "./harness/keeper";
import { answerClose, leave, upgradeRaw } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

async function connected(): Promise<{
  client: TestClient;
  session: WebSocketSession<object>;
  handler: Keeper;
}> {
  const handler = new Keeper();
  const application = await serve(handler);
  const client = await connectClient(`${application.url}/ws`);
  await until("the session", () => handler.sessions.length === 1);
  return { client, session: handler.sessions[0]!, handler };
}

/** A session whose peer has stopped to read, with a limit of what may wait that is out of reach. */
async function stalled(closeTimeoutMs = 500): Promise<{
  peer: RawConnection;
  session: WebSocketSession<object>;
  handler: Keeper;
}> {
  const handler = new Keeper();
  const application = await serve(handler, { closeTimeoutMs, sendBufferLimitBytes: 64 * MEBIBYTE.length });
  const peer = await upgradeRaw(application.port, "/ws");
  await until("the session", () => handler.sessions.length === 1);
  peer.pause();
  return { peer, session: handler.sessions[0]!, handler };
}

const MEBIBYTE = Buffer.alloc(1024 * 1024, "x");

/** Sends until neither the kernel nor the socket takes more. */
function fill(session: WebSocketSession<object>): Promise<boolean>[] {
  return Array.from({ length: 24 }, () => session.sendMessage(MEBIBYTE));
}

afterEach(closeApplications);

describe("sendMessage", () => {
  it("sends a string as text, bytes as binary, and messages as what they are, in their order", async () => {
    const { client, session } = await connected();
    const pings: string[] = [];
    client.native.on("ping", (data) => pings.push(data.toString()));
    client.native.on("pong", (data) => pings.push(`pong ${data.toString()}`));
    void session.sendMessage("héllo");
    void session.sendMessage(new Uint8Array([1, 2]));
    void session.sendMessage(new PingMessage(Buffer.from("p")));
    void session.sendMessage(new PongMessage(Buffer.from("q")));
    void session.sendMessage(new TextMessage("서버"));
    void session.sendMessage(new BinaryMessage(Buffer.from("b")));
    void session.sendMessage("");
    void session.sendMessage("x".repeat(70_000));
    const received = [];
    for (let count = 0; count < 6; count += 1) received.push(await client.next());
    expect(received).toEqual([
      "héllo",
      Buffer.from([1, 2]),
      "서버",
      Buffer.from("b"),
      "",
      "x".repeat(70_000),
    ]);
    expect(pings).toEqual(["p", "pong q"]);
    await client.close();
  });

  it.each([undefined, null, 42, {}, { kind: "text" }, ["x"]])("throws at once for %p", async (wrong) => {
    const { client, session } = await connected();
    expect(() => session.sendMessage(wrong as unknown as string)).toThrow(
      expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error,
    );
    expect(session.isOpen).toBe(true);
    await client.close();
  });

  it("answers with one shared promise of true below the high-water mark", async () => {
    const { client, session } = await connected();
    const first = session.sendMessage("a");
    expect(session.sendMessage("b")).toBe(first);
    expect(await first).toBe(true);
    await client.close();
  });

  it("answers with false, and never rejects, once the session has ended on either side", async () => {
    const { client, session, handler } = await connected();
    session.close();
    expect(await session.sendMessage("late")).toBe(false);
    await client.closed();
    await until("the end", () => handler.statuses.length === 1);
    expect(await session.sendMessage("later")).toBe(false);
    expect(client.received).toEqual([]);
  });

  it("waits with its answer while more than 64 KiB wait, until they have drained to that", async () => {
    const { peer, session } = await stalled();
    const answers = fill(session);
    let settled = false;
    const last = answers.at(-1)!.then((sent) => {
      settled = true;
      return sent;
    });
    await until("the kernel to be full", () => session.bufferedAmount > 0);
    expect(session.bufferedAmount).toBeGreaterThan(64 * 1024);
    expect(settled).toBe(false);
    peer.resume();
    expect(await within("the drain", last)).toBe(true);
    expect(session.bufferedAmount).toBeLessThanOrEqual(64 * 1024);
    session.close();
    await answerClose(peer);
  });

  it("answers what waits with false when the connection is lost", async () => {
    const { peer, session, handler } = await stalled();
    const answers = fill(session);
    peer.reset();
    expect(await within("the answer", answers.at(-1)!)).toBe(false);
    await until("the end", () => handler.statuses.length === 1);
    expect(session.bufferedAmount).toBe(0);
  });

  it("answers with false what was cut in the tick in which it was sent", async () => {
    const { session, client } = await connected();
    const answer = session.sendMessage(Buffer.alloc(100 * 1024));
    session.native.terminate();
    expect(await within("the answer", answer)).toBe(false);
    expect(session.bufferedAmount).toBe(0);
    expect((await client.closed()).code).toBe(1006);
  });

  it("answers a single message that was cut with false, and not as one that has left", async () => {
    const { peer, session } = await stalled();
    const answer = session.sendMessage(Buffer.alloc(50 * 1024 * 1024));
    await until("the kernel to be full", () => session.bufferedAmount > 0);
    peer.finish();
    expect(await within("the answer", answer)).toBe(false);
  });

  it("keeps whole frames in order however they are cut into writes", async () => {
    const { client, session } = await connected();
    const sizes = [10, 70_000, 1, 65_536, 30_000, 30_000, 30_000, 500, 200_000, 3];
    for (const [index, size] of sizes.entries()) void session.sendMessage(`${index}:${"y".repeat(size)}`);
    for (const [index, size] of sizes.entries()) {
      expect(await client.next()).toBe(`${index}:${"y".repeat(size)}`);
    }
    await client.close();
  });

  it("lets all sends of one turn leave in one write, up to 64 KiB", async () => {
    const { client, session } = await connected();
    const { _socket: socket } = session.native as unknown as { _socket: NodeJS.Socket & WriteCounts };
    const writes = countWrites(socket);
    for (let count = 0; count < 100; count += 1) void session.sendMessage(`message ${count}`);
    while ((await client.next()) !== "message 99");
    expect(writes.count).toBe(1);
    for (let count = 0; count < 4; count += 1) void session.sendMessage("z".repeat(30_000));
    for (let count = 0; count < 4; count += 1) await client.next();
    expect(writes.count).toBe(1 + 2);
    await client.close();
  });
});

it("keeps the order with what is sent past it, by the WebSocket of ws", async () => {
  const { client, session } = await connected();
  const order: string[] = [];
  for (const kind of ["message", "ping", "pong"] as const) {
    client.native.on(kind, (data: Buffer) => order.push(data.toString()));
  }
  void session.sendMessage("1");
  session.native.ping("2");
  void session.sendMessage("3");
  session.native.send("4");
  void session.sendMessage("5");
  session.native.pong("6");
  void session.sendMessage("7");
  session.native.close(4000);
  expect(await client.closed()).toMatchObject({ code: 4000 });
  expect(order.join("")).toBe("1234567");
});

it("sends what a callback sends for a message that came out of no read", async () => {
  class Echo extends Keeper {
    override handleTextMessage(session: WebSocketSession<object>): void {
      void session.sendMessage("reply");
    }
  }
  const handler = new Echo();
  const application = await serve(handler, { heartbeatIntervalMs: 40 });
  const peer = await upgradeRaw(application.port, "/ws");
  await until("the session", () => handler.sessions.length === 1);
  handler.sessions[0]!.native.emit("message", Buffer.from("made up"), false);
  let frame = await peer.nextFrame();
  // The heartbeat is quick, so that the sweep is.
  while (frame.opcode === 9) frame = await peer.nextFrame();
  expect(frame.payload.toString()).toBe("reply");
  await leave(peer);
});

describe("close", () => {
  it("lets what was sent before go first, also when the peer is slow to read", async () => {
    const { peer, session } = await stalled(15_000);
    void Promise.all(fill(session));
    session.close(new CloseStatus(4006, "after all of it"));
    expect(session.isOpen).toBe(false);
    peer.resume();
    for (let count = 0; count < 24; count += 1) {
      const { opcode, payload } = await peer.nextFrame();
      expect([opcode, payload.length]).toEqual([2, MEBIBYTE.length]);
    }
    expect((await answerClose(peer)).toString("utf8", 2)).toBe("after all of it");
  }, 20_000);

  it("cuts a peer that reads nothing after closeTimeoutMs, with the status that was decided", async () => {
    const { session, handler } = await stalled();
    void Promise.all(fill(session));
    session.close(new CloseStatus(4007));
    await until("the end", () => handler.statuses.length === 1);
    expect(handler.statuses[0]!.code).toBe(4007);
    expect(session.closedBy).toBe("local");
  });

  it("is not needed to be rid of a peer that ends its side and reads nothing", async () => {
    const { peer, session, handler } = await stalled();
    const answers = fill(session);
    peer.finish();
    await until("the end", () => handler.statuses.length === 1);
    expect([handler.statuses[0]!.code, session.closedBy]).toEqual([1006, "network"]);
    expect(await within("the answer", answers.at(-1)!)).toBe(false);
  });

  it("drops what is kept back when the peer's close frame comes", async () => {
    const { peer, session, handler } = await stalled();
    const answers = fill(session);
    peer.writeFrame({ opcode: 8, payload: Buffer.from([0x0f, 0xa8]) });
    await until("the close frame to be seen", () => !session.isOpen);
    peer.resume();
    expect(await within("the answer", answers.at(-1)!)).toBe(false);
    await until("the end", () => handler.statuses.length === 1);
    expect([handler.statuses[0]!.code, session.closedBy]).toEqual([4008, "peer"]);
  });

  it("gives way to the peer's close frame that comes while ours waits behind what was sent", async () => {
    const { peer, session, handler } = await stalled(4000);
    void Promise.all(fill(session));
    session.close(new CloseStatus(4007));
    peer.writeFrame({ opcode: 8, payload: Buffer.from([0x0f, 0xa8]) });
    await until("the close frame to be seen", () => session.native.readyState !== session.native.OPEN);
    peer.resume();
    await until("the end", () => handler.statuses.length === 1);
    expect([handler.statuses[0]!.code, session.closedBy]).toEqual([4008, "peer"]);
  });

  it("is the end of transport errors too", async () => {
    const errors: Error[] = [];
    class Listener extends Keeper {
      override handleTransportError(_session: WebSocketSession<object>, error: Error): void {
        errors.push(error);
      }
    }
    const handler = new Listener();
    const application = await serve(handler);
    const peer = await upgradeRaw(application.port, "/ws");
    await until("the session", () => handler.sessions.length === 1);
    handler.sessions[0]!.close();
    peer.writeFrame({ opcode: 1, payload: "unmasked", masked: false });
    await until("the end", () => handler.statuses.length === 1);
    expect([handler.statuses[0]!.code, errors]).toEqual([1000, []]);
    await leave(peer);
  });

  it.each([CloseStatus.NO_CLOSE_FRAME, 4000, null, "bye"])(
    "never throws, and sends a close frame without a code for %p",
    async (wrong) => {
      const { client, session, handler } = await connected();
      session.close(wrong as CloseStatus);
      expect((await client.closed()).code).toBe(1005);
      await until("the end", () => handler.statuses.length === 1);
      expect([handler.statuses[0]!.code, session.closedBy]).toEqual([1005, "local"]);
      expect(() => session.close()).not.toThrow();
    },
  );
});

interface WriteCounts {
  _writev: (...parameters: unknown[]) => unknown;
  _write: (...parameters: unknown[]) => unknown;
}

/** Counts the writes that a socket hands to the operating system. */
function countWrites(socket: WriteCounts): { count: number } {
  const writes = { count: 0 };
  for (const method of ["_write", "_writev"] as const) {
    const original = socket[method].bind(socket);
    socket[method] = (...parameters) => {
      writes.count += 1;
      return original(...parameters);
    };
  }
  return writes;
}

it("puts an answer before the close frame that answers the peer's, also when both came in one read", async () => {
  class Echo extends Keeper {
    override handleTextMessage(session: WebSocketSession<object>): void {
      void session.sendMessage("reply");
    }
  }
  const application = await serve(new Echo());
  const peer = await upgradeRaw(application.port, "/ws");
  peer.write(
    Buffer.concat([
      encodeRawFrame({ opcode: 1, payload: "hi" }),
      encodeRawFrame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) }),
    ]),
  );
  expect((await peer.nextFrame()).payload.toString()).toBe("reply");
  expect((await peer.nextFrame()).opcode).toBe(8);
  await leave(peer);
});
