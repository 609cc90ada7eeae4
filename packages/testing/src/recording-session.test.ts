import {
  BinaryMessage,
  CloseSessionError,
  CloseStatus,
  PingMessage,
  PongMessage,
  TextMessage,
  TextWebSocketHandler,
  type WebSocketSession,
} from "@vernal/websocket";
import { RecordingSession } from "./recording-session";

class EchoHandler extends TextWebSocketHandler {
  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(message);
  }
}

class RoomHandler extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession<{ room: string }>): void {
    session.join(`room:${session.pathVariables.room}`);
  }
}

test("a handler in three lines", async () => {
  const session = new RecordingSession();
  await new EchoHandler().handleTextMessage(session, new TextMessage("hello"));
  expect(session.texts).toEqual(["hello"]);
});

test("a handler that relies on path variables", () => {
  const session = new RecordingSession({ pathVariables: { room: "lobby" } });
  new RoomHandler().afterConnectionEstablished(session);
  expect(session.joined).toEqual(["room:lobby"]);
  // @ts-expect-error the path variables that are named are needed
  expect(new RecordingSession<{ room: string }>().pathVariables).toEqual({});
});

describe("what it remembers", () => {
  test("what was sent, by kind, in its order", async () => {
    const session = new RecordingSession();
    expect(await session.sendMessage('{"a":1}')).toBe(true);
    expect(await session.sendMessage(Buffer.of(1, 2))).toBe(true);
    await session.sendMessage(new PingMessage());
    await session.sendMessage(new TextMessage("2"));
    expect(session.sent.map(({ kind }) => kind)).toEqual(["text", "binary", "ping", "text"]);
    expect(session.texts).toEqual(['{"a":1}', "2"]);
    expect(session.json).toEqual([{ a: 1 }, 2]);
    expect(session.binaries).toEqual([Buffer.of(1, 2)]);
  });

  test.each([
    ["bytes", (bytes: Uint8Array) => bytes],
    ["a binary message", (bytes: Uint8Array) => new BinaryMessage(bytes)],
    ["a ping", (bytes: Uint8Array) => new PingMessage(bytes)],
    ["a pong", (bytes: Uint8Array) => new PongMessage(bytes)],
  ])("%s as they were when they were sent", (_what, messageOf) => {
    const session = new RecordingSession();
    const bytes = Buffer.of(1, 2);
    void session.sendMessage(messageOf(bytes));
    session.dropSends();
    void session.sendMessage(messageOf(bytes));
    bytes.fill(0);
    expect([session.sent, session.dropped].map(([message]) => message!.payload)).toEqual([
      Buffer.of(1, 2),
      Buffer.of(1, 2),
    ]);
  });

  test("groups: all that were joined, and those that it is in", () => {
    const session = new RecordingSession();
    session.join("a");
    session.join("b");
    session.join("a");
    session.leave("a");
    session.leave("never");
    expect(session.joined).toEqual(["a", "b"]);
    expect([...session.groups]).toEqual(["b"]);
  });

  test("the first close, after which it ends by itself", async () => {
    const session = new RecordingSession();
    const { signal, closed } = session;
    session.close(new CloseStatus(4001, "enough"));
    session.close();
    expect(String(session.closedWith)).toBe("4001 enough");
    expect([session.isOpen, signal.aborted, session.closedBy]).toEqual([false, false, undefined]);
    expect((await closed).code).toBe(4001);
    expect([signal.aborted, session.closedBy]).toEqual([true, "local"]);
    expect(new RecordingSession().closedWith).toBeUndefined();
  });

  test("principals", () => {
    const session = new RecordingSession({ principal: { name: "ada" } });
    expect(session.principal?.name).toBe("ada");
    const expiresAt = new Date(Date.now() + 1000);
    session.authenticate({ name: "grace" }, { expiresAt });
    expect([session.principal, session.expiresAt]).toEqual([{ name: "grace" }, expiresAt]);
    session.authenticate(undefined);
    expect(session.principal).toBeUndefined();
    expect(session.authenticated).toEqual([{ name: "grace" }, undefined]);
  });
});

describe("what can be set", () => {
  test("everything that a handler reads", () => {
    const expiresAt = new Date();
    const session = new RecordingSession({
      id: "one",
      uri: "ws://example.com/ws?x=1",
      handshakeHeaders: { "X-Token": "t" },
      attributes: { nickname: "Ada" },
      principal: { name: "ada", expiresAt },
      acceptedProtocol: "v1",
      remoteAddress: { address: "192.0.2.1", port: 1 },
    });
    expect(session.id).toBe("one");
    expect(session.uri.searchParams.get("x")).toBe("1");
    expect(session.handshakeHeaders.get("x-TOKEN")).toBe("t");
    expect(session.attributes.get("nickname")).toBe("Ada");
    expect(session.expiresAt).toBe(expiresAt);
    expect(session.acceptedProtocol).toBe("v1");
    expect(session.remoteAddress?.address).toBe("192.0.2.1");
  });

  test("no address that is only a path", () => {
    expect(() => new RecordingSession({ uri: "/ws" })).toThrow(
      '[VERNAL_TEST_INVALID_ARGUMENT] new RecordingSession got "/ws". Give it a whole address for uri',
    );
  });

  test("defaults: nobody in particular, no attributes, open, an id of its own", () => {
    const session = new RecordingSession();
    expect([session.principal, session.attributes.size, session.isOpen]).toEqual([undefined, 0, true]);
    expect(session.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(session.uri.href).toBe("ws://localhost/");
    expect([session.bufferedAmount, session.acceptedProtocol]).toEqual([0, undefined]);
    expect(session.localAddress).toEqual({ address: "127.0.0.1", port: 8080 });
  });
});

describe("failures", () => {
  test("a session that its peer or the network has ended", async () => {
    const session = new RecordingSession();
    session.end(CloseStatus.GOING_AWAY);
    session.end(undefined, "network");
    expect([session.isOpen, session.closedBy, session.signal.aborted]).toEqual([false, "peer", true]);
    expect((await session.closed).code).toBe(1001);
    expect(await session.sendMessage("late")).toBe(false);
    session.join("late");
    session.close();
    expect([session.texts, session.joined, session.closedWith]).toEqual([[], [], undefined]);
    expect(session.dropped).toHaveLength(1);
    const lost = new RecordingSession();
    lost.end(undefined, "network");
    expect([(await lost.closed).code, lost.closedBy]).toEqual([1006, "network"]);
  });

  test("sends that are dropped", async () => {
    const session = new RecordingSession();
    session.dropSends(1);
    expect(await Promise.all([session.sendMessage("a"), session.sendMessage("b")])).toEqual([false, true]);
    session.dropSends();
    expect(await session.sendMessage("c")).toBe(false);
    session.dropSends(0);
    expect(await session.sendMessage("d")).toBe(true);
    expect(session.texts).toEqual(["b", "d"]);
    expect(session.dropped.map((message) => message.kind === "text" && message.payload)).toEqual(["a", "c"]);
    for (const count of [-1, 0.5, NaN]) {
      expect(() => session.dropSends(count)).toThrow(
        `[VERNAL_TEST_INVALID_ARGUMENT] session.dropSends got ${count}`,
      );
    }
  });

  test("a peer that reads slowly", async () => {
    const session = new RecordingSession();
    const release = session.holdSends();
    const settled: boolean[] = [];
    const sends = ["a", "bc"].map(async (text) => settled.push(await session.sendMessage(text)));
    await Promise.resolve();
    expect([settled, session.bufferedAmount, session.texts]).toEqual([[], 3, ["a", "bc"]]);
    release();
    await Promise.all(sends);
    expect([settled, session.bufferedAmount]).toEqual([[true, true], 0]);
    session.holdSends();
    const last = session.sendMessage("d");
    session.end();
    expect(await last).toBe(false);
  });

  test("a peer that reads slowly a second time", async () => {
    const session = new RecordingSession();
    session.holdSends()();
    const [first, again] = [session.holdSends(), session.holdSends()];
    const one = session.sendMessage("a");
    again();
    expect(await one).toBe(true);
    const second = session.holdSends();
    const two = session.sendMessage("b");
    first();
    again();
    expect(session.bufferedAmount).toBe(1);
    session.close();
    second();
    expect([await two, (await session.closed).code, session.closedBy]).toEqual([true, 1000, "local"]);
  });

  test.each<[string, unknown, unknown, RegExp]>([
    [
      "1006 by the peer",
      CloseStatus.NO_CLOSE_FRAME,
      "peer",
      /got 1006\. Give it a status that a peer can send/,
    ],
    ["1015 by the peer", CloseStatus.TLS_HANDSHAKE_FAILURE, undefined, /got 1015\./],
    ["a code that is not for the wire", CloseStatus.received(1004), undefined, /got 1004\./],
    ["a reason that is too long", CloseStatus.received(4000, "방".repeat(42)), undefined, /got 4000 방+\./],
    ["a reason without a code", CloseStatus.received(1005, "x"), undefined, /got 1005 x\./],
    ["null", null, undefined, /got null\./],
    ["a number", 1001, undefined, /got 1001\./],
    ["a status by the network", CloseStatus.GOING_AWAY, "network", /got 1001\. Give it no status/],
    ["an end by this side", undefined, "local", /got "local"\. .*close\(\)/],
  ])("an end that cannot be: %s", (_what, status, by, text) => {
    const session = new RecordingSession();
    expect(() => session.end(status as CloseStatus, by as "peer")).toThrow(
      expect.objectContaining({
        code: "VERNAL_TEST_INVALID_ARGUMENT",
        message: expect.stringMatching(text) as string,
      }) as Error,
    );
    expect(session.isOpen).toBe(true);
  });

  test("calls that throw, once", () => {
    const session = new RecordingSession();
    session.failNext("authenticate", new CloseSessionError(CloseStatus.POLICY_VIOLATION));
    expect(() => session.authenticate({ name: "ada" })).toThrow("Close the session with 1008");
    session.authenticate({ name: "ada" });
    session.failNext("join", new Error("no room"));
    expect(() => session.join("a")).toThrow("no room");
    session.join("a");
    expect(session.joined).toEqual(["a"]);
  });

  test("what a real session refuses, it refuses with the same code", () => {
    const session = new RecordingSession({ maxGroupsPerSession: 1 });
    session.join("a");
    session.join("a");
    expect(() => session.join("b")).toThrow('[VERNAL_TOO_MANY_GROUPS] session.join cannot add "b"');
    expect(() => session.join("")).toThrow("[VERNAL_INVALID_ARGUMENT]");
    expect(() => session.sendMessage(42 as never)).toThrow(
      "[VERNAL_INVALID_ARGUMENT] session.sendMessage got 42",
    );
    expect(() => session.sendMessage({ kind: "text" } as never)).toThrow("[VERNAL_INVALID_ARGUMENT]");
    expect(() => session.authenticate({ name: "" })).toThrow("[VERNAL_INVALID_ARGUMENT]");
    expect(() => session.authenticate(undefined, { expiresAt: new Date() })).toThrow(
      "[VERNAL_INVALID_ARGUMENT]",
    );
    expect(() => session.authenticate({ name: "a" }, { expiresAt: new Date(NaN) })).toThrow(
      "[VERNAL_INVALID_ARGUMENT]",
    );
    // @ts-expect-error a status that cannot be sent
    expect(() => session.close(CloseStatus.NO_CLOSE_FRAME)).not.toThrow();
  });

  test("a socket that is not there", () => {
    expect(() => new RecordingSession().native).toThrow("[VERNAL_TEST_NO_SOCKET]");
  });
});
