import { encodeRawFrame } from "@vernal/testing";
import {
  TextWebSocketHandler,
  CloseStatus,
  type TextMessage,
  type WebSocketHandlerOptions,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger } from "./harness/application";
import { connectClient } from "./harness/client";
import { leave, upgradeRaw } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

/** Works on each message until a test lets it go on. */
class Worker extends TextWebSocketHandler {
  readonly handled: string[] = [];
  readonly statuses: CloseStatus[] = [];
  #letGo: (() => void) | undefined;
  isFree = false;

  override async handleTextMessage(session: WebSocketSession<object>, message: TextMessage): Promise<void> {
    if (!this.isFree) await new Promise<void>((resolve) => (this.#letGo = resolve));
    this.handled.push(message.payload);
    void session.sendMessage(message);
  }

  override afterConnectionClosed(_session: WebSocketSession<object>, status: CloseStatus): void {
    this.statuses.push(status);
  }

  get isWorking(): boolean {
    return this.#letGo !== undefined;
  }

  finishOne(): void {
    const letGo = this.#letGo;
    this.#letGo = undefined;
    letGo?.();
  }

  finishAll(): void {
    this.isFree = true;
    this.finishOne();
  }
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

afterEach(closeApplications);

describe("a handler that is busy", () => {
  it.each([
    ["maxPendingMessages", { maxPendingMessages: 4 }, "x", 5],
    ["maxPendingBytes", { maxPendingBytes: 4000 }, "x".repeat(1000), 5],
    ["the default of 64 messages", {}, "x", 65],
  ] as [string, WebSocketHandlerOptions, string, number][])(
    "has its socket paused by %s, and resumed when half is worked off",
    async (_name, options, text, messages) => {
      const worker = new Worker();
      const application = await serve(worker, options);
      const client = await connectClient(`${application.url}/ws`);
      for (let count = 0; count < messages - 1; count += 1) client.send(text);
      await until("the messages", () => application.stats().received.messages === messages - 1);
      expect(application.stats()).toMatchObject({ pausedSessions: 0, limits: {} });
      client.send(text);
      await until("the pause", () => application.stats().pausedSessions === 1);
      const limit = "maxPendingBytes" in options ? "maxPendingBytes" : "maxPendingMessages";
      expect(application.stats().limits).toEqual({ [limit]: 1 });
      // One runs; of those that wait half have to be begun.
      for (let worked = 0; worked < Math.ceil((messages - 1) / 2); worked += 1) {
        expect(application.stats().pausedSessions).toBe(1);
        await until("the next", () => worker.isWorking);
        worker.finishOne();
        await until("its end", () => worker.handled.length === worked + 1);
      }
      await until("the resume", () => application.stats().pausedSessions === 0);
      worker.finishAll();
      await until("the answers", () => client.received.length === messages);
      await client.close();
    },
  );

  it("loses nothing, and gets everything in its order", async () => {
    const worker = new Worker();
    const application = await serve(worker);
    const client = await connectClient(`${application.url}/ws`);
    const sent = numbers(20_000);
    for (const each of sent) client.send(each);
    await until("the pause", () => application.stats().pausedSessions === 1);
    const { messages } = application.stats().received;
    expect(messages).toBeLessThan(20_000);
    worker.finishAll();
    await until("the answers", () => client.received.length === sent.length);
    expect(worker.handled).toEqual(sent);
    expect(client.received).toEqual(sent);
    expect(application.stats().pausedSessions).toBe(0);
    await client.close();
  });

  it("gets what came before the peer's close, also from a socket that was paused", async () => {
    const worker = new Worker();
    const application = await serve(worker, { maxPendingMessages: 2 });
    const connection = await upgradeRaw(application.port, "/ws");
    const sent = numbers(50);
    connection.write(
      Buffer.concat([
        ...sent.map((each) => encodeRawFrame({ opcode: 1, payload: each })),
        encodeRawFrame({ opcode: 8 }),
      ]),
    );
    await until("the pause", () => worker.isWorking);
    worker.finishAll();
    await until("the end", () => worker.statuses.length === 1);
    expect(worker.handled).toEqual(sent);
    expect(worker.statuses[0]!.code).toBe(1005);
    await leave(connection);
  });

  it("can close a paused session, which sees the peer's close", async () => {
    const sessions: WebSocketSession<object>[] = [];
    class Closing extends Worker {
      override afterConnectionEstablished(session: WebSocketSession<object>): void {
        sessions.push(session);
      }
    }
    const worker = new Closing();
    const application = await serve(worker, { maxPendingMessages: 2, closeTimeoutMs: 60_000 });
    const client = await connectClient(`${application.url}/ws`);
    for (const each of numbers(10)) client.send(each);
    await until("the pause", () => application.stats().pausedSessions === 1);
    sessions[0]!.close();
    expect(application.stats().pausedSessions).toBe(0);
    expect((await client.closed()).code).toBe(1000);
    worker.finishAll();
    await until("the end", () => worker.statuses.length === 1);
    expect(worker.handled).toEqual(["0"]);
    expect(application.stats().discardedMessages).toBe(9);
  });

  it.each(["synchronous", "asynchronous"])(
    "is called for at most 64 messages of one session in a turn of the event loop, if it is %s",
    async (kind) => {
      const turns: number[] = [];
      let isCounting = false;
      class Counter extends TextWebSocketHandler {
        override handleTextMessage(): void | Promise<void> {
          if (!isCounting) {
            isCounting = true;
            turns.push(0);
            // Before the immediates that the framework asks for in this turn.
            setImmediate(() => (isCounting = false));
          }
          turns[turns.length - 1]! += 1;
          return kind === "asynchronous" ? Promise.resolve() : undefined;
        }
      }
      const application = await serve(new Counter());
      const connection = await upgradeRaw(application.port, "/ws");
      const frames = Array.from({ length: 5000 }, () => encodeRawFrame({ opcode: 1, payload: "x" }));
      connection.write(Buffer.concat(frames));
      await until("all of it", () => turns.reduce((sum, each) => sum + each, 0) === 5000);
      expect(Math.max(...turns)).toBeLessThanOrEqual(64);
      await leave(connection);
    },
  );
});

describe("a callback that does not settle", () => {
  const limits = { slowCallbackMs: 50, callbackTimeoutMs: 200, maxPendingMessages: 2 };

  it("is logged once as slow, with the number of messages that wait, and may go on", async () => {
    const { logger, lines } = recordingLogger("warn");
    const worker = new Worker();
    const application = await serve(worker, { ...limits, maxPendingMessages: 64 }, { logger });
    const client = await connectClient(`${application.url}/ws`);
    for (const each of numbers(4)) client.send(each);
    await until("the line", () => lines.length === 1);
    expect(lines[0]).toMatchObject({ callback: "handleMessage", waiting: 3, path: "/ws" });
    // A session that came later is ended for its callback meanwhile, and this one is not.
    const paused = await connectClient(`${application.url}/ws`);
    for (const each of numbers(70)) paused.send(each);
    expect((await paused.closed()).code).toBe(1011);
    expect(client.native.readyState).toBe(client.native.OPEN);
    expect(lines.filter(({ waiting }) => waiting === 3)).toHaveLength(1);
    worker.finishAll();
    await client.close();
  });

  it("ends its session with 1011 when it keeps the socket paused for callbackTimeoutMs", async () => {
    const { logger, lines } = recordingLogger("error");
    const worker = new Worker();
    const application = await serve(worker, limits, { logger });
    const client = await connectClient(`${application.url}/ws`);
    for (const each of numbers(10)) client.send(each);
    expect((await client.closed()).code).toBe(1011);
    await until("the last callback", () => worker.statuses.length === 1);
    expect(worker.statuses[0]!.code).toBe(1011);
    const { limits: counts, discardedMessages, pausedSessions } = application.stats();
    expect(counts["callbackTimeoutMs"]).toBe(1);
    expect([discardedMessages, pausedSessions]).toEqual([9, 0]);
    expect(lines).toHaveLength(1);
    worker.finishAll();
    await until("what it does late", () => worker.handled.length === 1);
    expect(worker.statuses).toHaveLength(1);
  });

  it("does not keep the end of its session from being told", async () => {
    const worker = new Worker();
    const application = await serve(worker, limits);
    const client = await connectClient(`${application.url}/ws`);
    client.send("x");
    await until("the callback", () => worker.isWorking);
    await client.close(new CloseStatus(4001));
    await until("the last callback", () => worker.statuses.length === 1);
    expect(worker.statuses[0]!.code).toBe(4001);
    expect(worker.handled).toEqual([]);
  });

  it("may be the last one: the application closes all the same", async () => {
    class Endless extends TextWebSocketHandler {
      override afterConnectionClosed(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const application = await serve(new Endless(), limits);
    const client = await connectClient(`${application.url}/ws`);
    await client.close();
    await within("the close", application.close());
  });

  it("is logged when it fails after it was given up, and changes nothing", async () => {
    const { logger, lines } = recordingLogger("error");
    let fail!: (error: Error) => void;
    const statuses: CloseStatus[] = [];
    class Failing extends TextWebSocketHandler {
      override handleTextMessage(): Promise<void> {
        return new Promise((_, reject) => (fail = reject));
      }
      override afterConnectionClosed(_session: WebSocketSession<object>, status: CloseStatus): void {
        statuses.push(status);
      }
    }
    const application = await serve(new Failing(), limits, { logger });
    const client = await connectClient(`${application.url}/ws`);
    for (const each of numbers(10)) client.send(each);
    await client.closed();
    await until("the last callback", () => statuses.length === 1);
    fail(new Error("too late"));
    await until("the line", () => lines.length === 2);
    expect(lines[1]).toMatchObject({ callback: "handleMessage", err: { message: "too late" } });
    expect(statuses).toHaveLength(1);
  });
});
