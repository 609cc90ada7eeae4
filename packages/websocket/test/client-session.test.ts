import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { encodeRawFrame } from "@vernal/testing";
import { CloseSessionError, CloseStatus, PingMessage, TextMessage } from "../src/index";
import type { WebSocketClientOptions, WebSocketSession } from "../src/index";
import { closeApplications, recordingLogger } from "./harness/application";
import { closeClients, newClient } from "./harness/clients";
import { gate } from "./harness/gate";
import { closeFrame, RawServer, serverFrame, stopRawServers, type RawPeer } from "./harness/raw-server";
import { openResources, untilFreed } from "./harness/resources";
import { serve } from "./harness/serve";
import { SessionRecorder } from "./harness/session-recorder";
import { turns } from "./harness/turns";
import { until, within } from "./harness/until";

/** A session of a client with a server that says every byte. */
async function connect(
  recorder: SessionRecorder,
  options: WebSocketClientOptions = {},
  atOnce?: Buffer,
): Promise<{
  readonly session: WebSocketSession;
  readonly peer: RawPeer;
  readonly end: () => Promise<void>;
}> {
  const server = await RawServer.start();
  const client = newClient(options);
  const executed = client.execute(recorder, `${server.url}/ws`);
  const peer = await server.next();
  await peer.accept([], atOnce);
  return { session: await executed, peer, end: () => client.close() };
}

afterEach(async () => {
  jest.restoreAllMocks();
  // First: nobody waits for their answer to a close frame then.
  await stopRawServers();
  await closeClients();
  await closeApplications();
});

describe("what comes in", () => {
  it("is delivered from the first byte on, also what came in one piece with the 101", async () => {
    const recorder = new SessionRecorder();
    const atOnce = [serverFrame(1, "one"), serverFrame(2, Buffer.of(2)), serverFrame(1, "three")];
    const { peer } = await connect(recorder, {}, Buffer.concat(atOnce));
    peer.socket.write(serverFrame(1, "four"));
    await until("four messages", () => recorder.log.length === 5);
    expect(recorder.log).toEqual(["established", "text one", "binary 02", "text three", "text four"]);
  });

  it("with the 101 may be the end as well", async () => {
    const recorder = new SessionRecorder();
    const atOnce = Buffer.concat([serverFrame(1, "bye"), closeFrame(4001, "early")]);
    const { session } = await connect(recorder, {}, atOnce);
    await recorder.ended();
    expect(recorder.log).toEqual(["established", "text bye", "closed 4001 early by peer"]);
    expect((await session.closed).code).toBe(4001);
  });

  it("waits for afterConnectionEstablished, of which execute does not", async () => {
    const { passed, open } = gate();
    class Slow extends SessionRecorder {
      override async afterConnectionEstablished(): Promise<void> {
        this.log.push("begins");
        await passed;
        this.log.push("established");
      }
    }
    const recorder = new Slow();
    const { peer } = await connect(recorder, {}, serverFrame(1, "one"));
    peer.socket.write(serverFrame(9, "ping"));
    expect((await peer.frame()).opcode).toBe(10);
    expect(recorder.log).toEqual(["begins"]);
    open();
    await until("the message", () => recorder.log.length === 3);
    expect(recorder.log).toEqual(["begins", "established", "text one"]);
  });

  it("is handled one at a time and in order by asynchronous callbacks", async () => {
    class Uneven extends SessionRecorder {
      override async handleTextMessage(
        _session: WebSocketSession<object>,
        { payload }: TextMessage,
      ): Promise<void> {
        for (let turn = Number(payload) % 4; turn > 0; turn -= 1)
          await new Promise((resolve) => setImmediate(resolve));
        this.log.push(payload);
      }
    }
    const recorder = new Uneven();
    const { peer } = await connect(recorder);
    const sent = Array.from({ length: 40 }, (_, index) => String(39 - index));
    for (const each of sent) peer.socket.write(serverFrame(1, each));
    await until("all messages", () => recorder.log.length === 41);
    expect(recorder.log.slice(1)).toEqual(sent);
  });

  it("in fragments is one message, and a ping between them is answered", async () => {
    const recorder = new SessionRecorder();
    const { peer } = await connect(recorder);
    const parts = [
      encodeRawFrame({ opcode: 1, payload: "a", masked: false, fin: false }),
      serverFrame(9, "?"),
      encodeRawFrame({ opcode: 0, payload: "b", masked: false, fin: false }),
      encodeRawFrame({ opcode: 0, payload: "c", masked: false }),
    ];
    peer.socket.write(Buffer.concat(parts));
    const pong = await peer.frame();
    expect([pong.opcode, pong.masked, pong.payload.toString()]).toEqual([10, true, "?"]);
    await until("the message", () => recorder.log.length === 2);
    expect(recorder.log).toEqual(["established", "text abc"]);
  });

  it("is a flood of pings, and costs one pong", async () => {
    const { session, peer } = await connect(new SessionRecorder());
    peer.socket.write(
      Buffer.concat(Array.from({ length: 200 }, (_, index) => serverFrame(9, String(index)))),
    );
    expect(await peer.frame()).toMatchObject({ opcode: 10, payload: Buffer.from("199") });
    await session.sendMessage("next");
    expect((await peer.frame()).payload.toString()).toBe("next");
  });

  it.each<[what: string, frame: Buffer, code: number, error: string]>([
    [
      "larger than maxMessageBytes",
      serverFrame(2, Buffer.alloc(101)),
      1009,
      "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    ],
    ["masked", encodeRawFrame({ opcode: 1, payload: "x" }), 1002, "WS_ERR_UNEXPECTED_MASK"],
    ["no UTF-8", serverFrame(1, Buffer.of(0xff)), 1007, "WS_ERR_INVALID_UTF8"],
  ])("and is %s ends the session with the code that says so", async (_, frame, code, error) => {
    const recorder = new SessionRecorder();
    const { session, peer } = await connect(recorder, { maxMessageBytes: 100 });
    peer.socket.write(frame);
    expect(await peer.answerClose()).toBe(code);
    await recorder.ended();
    expect(recorder.log).toEqual(["established", `error ${error}`, `closed ${code} by local`]);
    expect(session.isOpen).toBe(false);
  });
});

describe("what is sent", () => {
  it.each([0, 1, 125, 126, 1024, 1025, 65_535, 65_536, 200_000])(
    "is masked and whole with %i bytes, and stays as it was",
    async (size) => {
      const { session, peer } = await connect(new SessionRecorder());
      const payload = Buffer.alloc(size, "0123456789");
      const bytes = Buffer.from(payload);
      void session.sendMessage(bytes);
      void session.sendMessage(payload.toString());
      for (const opcode of [2, 1]) {
        const frame = await peer.frame();
        expect(frame).toMatchObject({ fin: true, masked: true, opcode });
        expect(frame.payload.equals(payload)).toBe(true);
      }
      expect(bytes.equals(payload)).toBe(true);
    },
  );

  it("leaves in its order, with control frames and the close behind it", async () => {
    const { session, peer } = await connect(new SessionRecorder());
    void session.sendMessage("one");
    void session.sendMessage(new PingMessage(Buffer.from("two")));
    void session.sendMessage(Buffer.alloc(100_000));
    void session.sendMessage("four");
    session.close(new CloseStatus(4001, "done"));
    const frames = [await peer.frame(), await peer.frame(), await peer.frame(), await peer.frame()];
    expect(frames.map(({ opcode, masked }) => [opcode, masked])).toEqual([
      [1, true],
      [9, true],
      [2, true],
      [1, true],
    ]);
    expect(await peer.answerClose()).toBe(4001);
  });

  it("waits for a server that does not read, and is answered with true when it has", async () => {
    const { session, peer } = await connect(new SessionRecorder(), {
      sendBufferLimitBytes: 16 * 1024 * 1024,
    });
    peer.socket.pause();
    const message = Buffer.alloc(8 * 1024 * 1024);
    let sent: boolean | undefined;
    void session.sendMessage(message).then((result) => (sent = result));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeUndefined();
    expect(session.bufferedAmount).toBeGreaterThan(64 * 1024);
    peer.socket.resume();
    await until("the drain", () => sent === true);
  });

  it("beyond sendBufferLimitBytes ends the session with 4500", async () => {
    const recorder = new SessionRecorder();
    const { session, peer } = await connect(recorder, { closeTimeoutMs: 30 });
    peer.socket.pause();
    const burst = session.sendMessage(Buffer.alloc(8 * 1024 * 1024));
    await turns(2);
    // The burst may take its time; what comes behind it may not.
    const more = session.sendMessage(Buffer.alloc(1024 * 1024));
    expect(await Promise.all([burst, more])).toEqual([false, false]);
    await recorder.ended();
    expect(recorder.log[1]).toContain("closed 4500 ");
  });

  it("is answered with false when the session has ended", async () => {
    const { session, peer } = await connect(new SessionRecorder());
    peer.socket.destroy();
    await session.closed;
    expect(await session.sendMessage("too late")).toBe(false);
  });

  it("as a ping comes back as a pong", async () => {
    const application = await serve(new SessionRecorder());
    const recorder = new SessionRecorder();
    const session = await newClient().execute(recorder, `${application.url}/ws`);
    await session.sendMessage(new PingMessage(Buffer.from("there?")));
    await until("the pong", () => recorder.log.includes("pong there?"));
  });
});

describe("perMessageDeflate", () => {
  it("compresses in both directions, each message by itself, where the server takes it", async () => {
    const server = new WebSocketServer({ port: 0, perMessageDeflate: true });
    await once(server, "listening");
    let received = 0;
    server.on("connection", (ws, { socket }) => {
      socket.on("data", (chunk) => (received += chunk.length));
      ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
    const recorder = new SessionRecorder();
    const { port } = server.address() as AddressInfo;
    const client = newClient({ perMessageDeflate: true, maxMessageBytes: 50_000 });
    const session = await client.execute(recorder, `ws://localhost:${port}`);
    expect(session.native.extensions).toBe("permessage-deflate");
    const text = "0123456789".repeat(5000);
    void session.sendMessage(text);
    await until("the echo", () => recorder.log.includes(`text ${text}`));
    expect(received).toBeLessThan(1000);

    void session.sendMessage(`${text}.`);
    await recorder.ended();
    expect(recorder.log.at(-1)).toBe("closed 1009 by local");
    server.close();
    for (const ws of server.clients) ws.terminate();
  });
});

it("perMessageDeflate is agreed on with an application too", async () => {
  class Echo extends SessionRecorder {
    override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void {
      void session.sendMessage(message);
    }
  }
  const application = await serve(new Echo(), { perMessageDeflate: true });
  const recorder = new SessionRecorder();
  const client = newClient({ perMessageDeflate: true });
  const session = await client.execute(recorder, `${application.url}/ws`);
  expect(session.native.extensions).toBe("permessage-deflate");
  const texts = ["short", "0123456789".repeat(5000), "", "abc".repeat(1000)];
  for (const text of texts) void session.sendMessage(text);
  await until("the echoes", () => recorder.log.length === 5);
  expect(recorder.log.slice(1)).toEqual(texts.map((text) => `text ${text}`));
});

describe("a time that is over", () => {
  it("ends a session whose server is gone without a word", async () => {
    const recorder = new SessionRecorder();
    const { peer } = await connect(recorder, { heartbeatIntervalMs: 40 });
    expect(await peer.frame()).toMatchObject({ opcode: 9, masked: true });
    await recorder.ended();
    expect(recorder.log).toEqual(["established", "closed 1006 by network"]);
  });

  it("ends a session that is idle", async () => {
    const recorder = new SessionRecorder();
    const { peer } = await connect(recorder, { idleTimeoutMs: 40 });
    expect(await peer.answerClose()).toBe(1001);
    await recorder.ended();
  });

  it("is none for a server that answers", async () => {
    const recorder = new SessionRecorder();
    const { session, peer } = await connect(recorder, { heartbeatIntervalMs: 40 });
    for (let count = 0; count < 4; count += 1) {
      expect((await peer.frame()).opcode).toBe(9);
      peer.socket.write(serverFrame(10, ""));
    }
    expect(session.isOpen).toBe(true);
  });

  it("gives up a callback that does not settle, and the session ends without it", async () => {
    class Hanging extends SessionRecorder {
      override async handleTextMessage(): Promise<void> {
        await new Promise(() => {});
      }
    }
    const recorder = new Hanging();
    const { peer } = await connect(recorder, { callbackTimeoutMs: 40 });
    peer.socket.write(serverFrame(1, "hang"));
    peer.socket.end(closeFrame(1001));
    await recorder.ended();
    expect(recorder.log).toEqual(["established", "closed 1001 by peer"]);
  });
});

describe("an end", () => {
  it.each<[code: number | undefined, line: string]>([
    [1000, "closed 1000 by peer"],
    [1001, "closed 1001 by peer"],
    [4500, "closed 4500 by peer"],
    [undefined, "closed 1005 by peer"],
  ])("by the server's close frame with %s is told", async (code, line) => {
    const recorder = new SessionRecorder();
    const { peer } = await connect(recorder);
    await peer.close(code);
    await recorder.ended();
    expect(recorder.log).toEqual(["established", line]);
  });

  it("without a close frame is 1006", async () => {
    const recorder = new SessionRecorder();
    const { peer } = await connect(recorder);
    peer.socket.destroy();
    await recorder.ended();
    expect(recorder.log).toEqual(["established", "closed 1006 by network"]);
  });

  it("comes after closeTimeoutMs where the server does not answer", async () => {
    const recorder = new SessionRecorder();
    const { session, peer } = await connect(recorder, { closeTimeoutMs: 30 });
    session.close(new CloseStatus(4001));
    await recorder.ended();
    expect(recorder.log).toEqual(["established", "closed 4001 by local"]);
    await until("the client to leave", () => peer.isEnded);
  });
});

describe("a callback that fails", () => {
  class Failing extends SessionRecorder {
    override async handleTextMessage(_session: unknown, { payload }: TextMessage): Promise<void> {
      throw payload === "chosen" ? new CloseSessionError(new CloseStatus(4020)) : new TypeError(payload);
    }
  }

  it.each<[payload: string, code: number]>([
    ["broken", 1011],
    ["chosen", 4020],
  ])("closes its session: %s", async (payload, code) => {
    const { logger, lines } = recordingLogger();
    const recorder = new Failing();
    const { peer } = await connect(recorder, { logger });
    peer.socket.write(serverFrame(1, payload));
    expect(await peer.answerClose()).toBe(code);
    await recorder.ended();
    expect(recorder.log).toEqual(["established", `closed ${code} by local`]);
    const failed = lines.filter((line) => line["callback"] === "handleMessage");
    expect(failed).toMatchObject([{ path: "/ws", code, session: recorder.sessions[0]!.id }]);
  });

  it("closes it as mapError says", async () => {
    const recorder = new Failing();
    const mapError = (error: unknown): CloseStatus => new CloseStatus(4001, (error as Error).message);
    const { peer } = await connect(recorder, { mapError });
    peer.socket.write(serverFrame(1, "mapped"));
    expect(await peer.answerClose()).toBe(4001);
  });
});

describe("a client", () => {
  it("serves many sessions with one handler, and ends them all with 1001", async () => {
    const before = openResources();
    const atServer = new SessionRecorder();
    const application = await serve(atServer);
    const client = newClient();
    const recorder = new SessionRecorder();
    const execute = (): Promise<WebSocketSession> => client.execute(recorder, `${application.url}/ws`);
    const sessions = await Promise.all([execute(), execute(), execute()]);
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(3);
    await client.close();
    expect(recorder.log.filter((line) => line === "closed 1001 by local")).toHaveLength(3);
    await atServer.ended(3);
    expect(atServer.log.slice(-3)).toEqual(Array(3).fill("closed 1001 by peer"));
    await closeApplications();
    await untilFreed(before);
  });

  it("waits for the last callbacks of its sessions", async () => {
    const { passed, open } = gate();
    class Slow extends SessionRecorder {
      override async afterConnectionClosed(): Promise<void> {
        this.log.push("closing");
        await passed;
        this.log.push("closed");
      }
    }
    const recorder = new Slow();
    const { peer, end } = await connect(recorder);
    const ended = end().then(() => recorder.log.push("client closed"));
    await peer.answerClose();
    await until("the callback", () => recorder.log.includes("closing"));
    open();
    await within("the end of the client", ended);
    expect(recorder.log).toEqual(["established", "closing", "closed", "client closed"]);
  });

  it("holds the process while a last callback hangs, and no longer", async () => {
    class Hanging extends SessionRecorder {
      override afterConnectionClosed(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const before = openResources();
    const { peer, session } = await connect(new Hanging(), { callbackTimeoutMs: 100 });
    peer.socket.destroy();
    await within("the end", session.closed);
    await stopRawServers();
    // Without it Node would end here, with 0 and without a word.
    expect(openResources().get("Timeout")).toBe((before.get("Timeout") ?? 0) + 1);
    await untilFreed(before);
  });

  it("does not wait for ever", async () => {
    class Hanging extends SessionRecorder {
      override async afterConnectionClosed(): Promise<void> {
        await new Promise(() => {});
      }
    }
    const { peer, end } = await connect(new Hanging(), { callbackTimeoutMs: 20 });
    const ended = end();
    await peer.answerClose();
    await within("the end of the client", ended);
  });

  it("has one timer while it has sessions, and none after", async () => {
    const made = jest.spyOn(globalThis, "setInterval");
    const cleared = jest.spyOn(globalThis, "clearInterval");
    const server = await RawServer.start();
    const client = newClient();
    const executed = [1, 2].map(() => client.execute(new SessionRecorder(), server.url));
    const peers = [await server.next(), await server.next()];
    for (const peer of peers) await peer.accept();
    await Promise.all(executed);
    expect(made).toHaveBeenCalledTimes(1);
    await peers[0]!.close(1000);
    await (
      await executed[0]!
    ).closed;
    expect(cleared).not.toHaveBeenCalled();
    await peers[1]!.close(1000);
    await (
      await executed[1]!
    ).closed;
    await until("the end of the timer", () => cleared.mock.calls.length > 0);
    expect(cleared.mock.calls[0]![0]).toBe(made.mock.results[0]!.value);
  });

  it("that has nothing open is closed at once, and as often as one likes", async () => {
    const client = newClient();
    expect(client.close()).toBe(client.close());
    await client.close();
  });
});
