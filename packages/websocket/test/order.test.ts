import fc from "fast-check";
import { encodeRawFrame } from "@vernal/testing";
import { AbstractWebSocketHandler, CloseStatus, type WebSocketApplication } from "../src/index";
import type { PongMessage, TextMessage, WebSocketSession } from "../src/index";
import { closeApplications } from "./harness/application";
import { connectClient } from "./harness/client";
import { gate } from "./harness/gate";
import { answerClose, leave, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

class Recorder extends AbstractWebSocketHandler {
  readonly log: string[] = [];
  sessions: WebSocketSession<object>[] = [];

  override afterConnectionEstablished(session: WebSocketSession<object>): void | Promise<void> {
    this.sessions.push(session);
    this.log.push("established");
  }

  override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void | Promise<void> {
    this.log.push(`message ${message.payload} ${session.isOpen ? "open" : "ended"}`);
  }

  override handlePongMessage(_session: WebSocketSession<object>, message: PongMessage): void | Promise<void> {
    this.log.push(`pong ${message.payload.toString()}`);
  }

  override handleTransportError(_session: WebSocketSession<object>, error: Error): void | Promise<void> {
    this.log.push(`error ${(error as NodeJS.ErrnoException).code}`);
  }

  override afterConnectionClosed(
    session: WebSocketSession<object>,
    status: CloseStatus,
  ): void | Promise<void> {
    this.log.push(`closed ${status.toString()} by ${session.closedBy}`);
  }

  get ended(): boolean {
    return this.log.some((line) => line.startsWith("closed"));
  }
}

afterEach(closeApplications);

describe("the order of callbacks", () => {
  it("delivers no message before afterConnectionEstablished has settled", async () => {
    const { passed, open } = gate();
    class Slow extends Recorder {
      override async afterConnectionEstablished(): Promise<void> {
        await passed;
        this.log.push("established");
      }
    }
    const handler = new Slow();
    const application = await serve(handler);
    const connection = await openRaw(application.port);
    connection.write(
      Buffer.concat([
        Buffer.from(upgradeRequest("/ws")),
        encodeRawFrame({ opcode: 1, payload: "a" }),
        encodeRawFrame({ opcode: 1, payload: "b" }),
      ]),
    );
    expect((await connection.answer()).status).toBe(101);
    const other = await connectClient(`${application.url}/ws`);
    expect(handler.log).toEqual([]);
    open();
    await until("both messages", () => handler.log.length === 4);
    await leave(connection);
    expect(handler.log.filter((line) => line.startsWith("message"))).toEqual([
      "message a open",
      "message b open",
    ]);
    expect(handler.log.indexOf("established")).toBeLessThan(handler.log.indexOf("message a open"));
    await other.close();
  });

  it("runs the callbacks of one session one at a time in the order of the wire, while others go on", async () => {
    const { passed, open } = gate();
    class Slow extends Recorder {
      override async handleTextMessage(
        session: WebSocketSession<object>,
        message: TextMessage,
      ): Promise<void> {
        this.log.push(`begin ${message.payload}`);
        if (message.payload === "slow") await passed;
        this.log.push(`end ${message.payload}`);
      }
    }
    const handler = new Slow();
    const application = await serve(handler);
    const [one, other] = await Promise.all([
      connectClient(`${application.url}/ws`),
      connectClient(`${application.url}/ws`),
    ]);
    one.send("slow");
    one.send("second");
    await until("the slow callback", () => handler.log.includes("begin slow"));
    other.send("other");
    await until("the other session", () => handler.log.includes("end other"));
    expect(handler.log).not.toContain("begin second");
    open();
    await until("the second message", () => handler.log.includes("end second"));
    const ofOne = handler.log.filter((line) => /slow|second/.test(line));
    expect(ofOne).toEqual(["begin slow", "end slow", "begin second", "end second"]);
    await Promise.all([one.close(), other.close()]);
  });

  it("delivers pongs in their place", async () => {
    const handler = new Recorder();
    const application = await serve(handler);
    const connection = await upgradeRaw(application.port, "/ws");
    connection.write(
      Buffer.concat([
        encodeRawFrame({ opcode: 1, payload: "a" }),
        encodeRawFrame({ opcode: 10, payload: "b" }),
        encodeRawFrame({ opcode: 1, payload: "c" }),
      ]),
    );
    await until("three callbacks", () => handler.log.length === 4);
    expect(handler.log.slice(1)).toEqual(["message a open", "pong b", "message c open"]);
    await leave(connection);
  });
});

describe("the end of a session", () => {
  it("delivers every message that came before the peer's close frame, with isOpen false where it waited", async () => {
    const { passed, open } = gate();
    class Slow extends Recorder {
      override async handleTextMessage(
        session: WebSocketSession<object>,
        message: TextMessage,
      ): Promise<void> {
        if (message.payload === "a") await passed;
        this.log.push(`message ${message.payload} ${session.isOpen ? "open" : "ended"}`);
      }
    }
    const handler = new Slow();
    const application = await serve(handler);
    const client = await connectClient(`${application.url}/ws`);
    for (const text of ["a", "b", "c"]) client.send(text);
    await client.close(new CloseStatus(4001, "done"));
    open();
    await until("the end", () => handler.ended);
    expect(handler.log).toEqual([
      "established",
      "message a ended",
      "message b ended",
      "message c ended",
      "closed 4001 done by peer",
    ]);
  });

  it("reports an empty close frame as 1005", async () => {
    const handler = new Recorder();
    const application = await serve(handler);
    const connection = await upgradeRaw(application.port, "/ws");
    connection.writeFrame({ opcode: 8 });
    await until("the end", () => handler.ended);
    expect(handler.log.at(-1)).toBe("closed 1005 by peer");
  });

  it("reports a lost connection as 1006 by the network, after the error of the socket", async () => {
    const handler = new Recorder();
    const application = await serve(handler);
    const connection = await upgradeRaw(application.port, "/ws");
    await until("the session", () => handler.sessions.length === 1);
    connection.reset();
    await until("the end", () => handler.ended);
    expect(handler.log.slice(1)).toEqual(["error ECONNRESET", "closed 1006 by network"]);
  });

  it.each([
    [
      "an oversized message",
      encodeRawFrame({ opcode: 1, payload: "x".repeat(70_000) }),
      1009,
      "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    ],
    [
      "text that is not UTF-8",
      encodeRawFrame({ opcode: 1, payload: Buffer.from([0xff]) }),
      1007,
      "WS_ERR_INVALID_UTF8",
    ],
    [
      "an unmasked frame",
      encodeRawFrame({ opcode: 1, payload: "x", masked: false }),
      1002,
      "WS_ERR_EXPECTED_MASK",
    ],
    [
      "a reserved bit",
      encodeRawFrame({ opcode: 1, payload: "x", reserved: 4 }),
      1002,
      "WS_ERR_UNEXPECTED_RSV_1",
    ],
    [
      "a close code that may not be sent",
      encodeRawFrame({ opcode: 8, payload: Buffer.from([0x03, 0xee]) }),
      1002,
      "WS_ERR_INVALID_CLOSE_CODE",
    ],
  ])("reports %s by its status and not by 1006, after the error", async (_what, bytes, code, error) => {
    const handler = new Recorder();
    const application = await serve(handler);
    const connection = await upgradeRaw(application.port, "/ws");
    connection.writeFrame({ opcode: 1, payload: "before" });
    connection.write(bytes);
    const frame = await connection.nextFrame();
    expect([frame.opcode, frame.payload.readUInt16BE(0)]).toEqual([8, code]);
    await leave(connection);
    await until("the end", () => handler.ended);
    expect(handler.log.slice(1)).toEqual([
      "message before open",
      `error ${error}`,
      `closed ${code} by local`,
    ]);
  });

  it("delivers nothing after our own close, and still sees the peer's close frame", async () => {
    const { passed, open } = gate();
    class Closing extends Recorder {
      override async handleTextMessage(
        session: WebSocketSession<object>,
        message: TextMessage,
      ): Promise<void> {
        this.log.push(message.payload);
        session.close(new CloseStatus(4002, "enough"));
        await passed;
      }
    }
    const handler = new Closing();
    const application = await serve(handler);
    const client = await connectClient(`${application.url}/ws`);
    for (const text of ["a", "b", "c"]) client.send(text);
    expect(await client.closed()).toEqual({ code: 4002, reason: "enough" });
    open();
    await until("the end", () => handler.ended);
    expect(handler.log).toEqual(["established", "a", "closed 4002 enough by local"]);
  });

  it("counts the first close only, and closed and signal tell of the end", async () => {
    const handler = new Recorder();
    const application = await serve(handler);
    const client = await connectClient(`${application.url}/ws`);
    await until("the session", () => handler.sessions.length === 1);
    const session = handler.sessions[0]!;
    const { signal, closed } = session;
    session.close(new CloseStatus(4003));
    session.close(new CloseStatus(4004));
    expect([session.isOpen, signal.aborted, session.closedBy]).toEqual([false, false, undefined]);
    expect((await client.closed()).code).toBe(4003);
    expect((await within("closed", closed)).code).toBe(4003);
    expect(signal.aborted).toBe(true);
    await until("the end", () => handler.ended);
    expect(session.signal.aborted).toBe(true);
    expect((await session.closed).code).toBe(4003);
    expect(session.closedBy).toBe("local");
  });

  it("is not held up by a peer that answers no close frame", async () => {
    const handler = new Recorder();
    const application = await serve(handler, { closeTimeoutMs: 50 });
    const connection = await upgradeRaw(application.port, "/ws");
    await until("the session", () => handler.sessions.length === 1);
    handler.sessions[0]!.close(new CloseStatus(4005));
    await until("the end", () => handler.ended);
    expect(handler.log.at(-1)).toBe("closed 4005 by local");
    await leave(connection);
  });
});

// The log of each session is what proves the order; how the sessions interleave is left to chance.
describe("random mixes of synchronous, slow and throwing callbacks over several sessions", () => {
  type Step = { readonly kind: "sync" | "slow" | "throw" | "reject"; readonly turns: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom("sync", "sync", "slow", "slow", "throw", "reject"),
    turns: fc.integer({ min: 0, max: 4 }),
  });
  const plan = fc.record({
    established: step,
    messages: fc.array(step, { maxLength: 12 }),
    closed: step,
    ending: fc.constantFrom("by the peer", "by reset", "by the server"),
  });
  type Plan = { established: Step; messages: Step[]; closed: Step; ending: string };

  /** Plays its plans, and writes down when each callback begins and ends. */
  class Scripted extends AbstractWebSocketHandler {
    readonly logs = new Map<string, string[]>();
    readonly sessions = new Map<string, WebSocketSession<object>>();
    constructor(readonly plans: ReadonlyMap<string, Plan>) {
      super();
    }
    override afterConnectionEstablished(session: WebSocketSession<object>): void | Promise<void> {
      this.logs.set(nameOf(session), []);
      this.sessions.set(nameOf(session), session);
      return this.play(session, "established", this.planOf(session).established);
    }
    override handleTextMessage(
      session: WebSocketSession<object>,
      message: TextMessage,
    ): void | Promise<void> {
      const index = Number(message.payload);
      return this.play(session, `message ${index}`, this.planOf(session).messages[index]!);
    }
    override handleTransportError(session: WebSocketSession<object>): void {
      this.logs.get(nameOf(session))!.push("begin error", "end error");
    }
    override afterConnectionClosed(session: WebSocketSession<object>): void | Promise<void> {
      return this.play(session, "closed", this.planOf(session).closed);
    }
    planOf(session: WebSocketSession<object>): Plan {
      return this.plans.get(nameOf(session))!;
    }
    play(session: WebSocketSession<object>, name: string, { kind, turns }: Step): void | Promise<void> {
      const log = this.logs.get(nameOf(session))!;
      log.push(`begin ${name}`);
      const finish = (): void => {
        log.push(`end ${name}`);
        if (kind === "throw" || kind === "reject") throw new Error(`${name} fails on purpose`);
      };
      if (kind === "sync" || kind === "throw") return finish();
      return (async () => {
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        finish();
      })();
    }
  }

  const nameOf = (session: WebSocketSession<object>): string => session.uri.searchParams.get("name")!;

  it("always give a log that obeys the promises", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 5 }), async (plans) => {
        const byName = new Map(plans.map((each, index) => [String(index), each]));
        const handler = new Scripted(byName);
        const application = await serve(handler);
        await Promise.all([...byName].map(([name, each]) => drive(application, handler, name, each)));
        await until("the last callbacks", () =>
          [...byName.keys()].every((name) => handler.logs.get(name)?.includes("end closed")),
        );
        for (const [name, each] of byName) checkLog(handler.logs.get(name)!, each);
        await closeApplications();
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  async function drive(
    application: WebSocketApplication,
    handler: Scripted,
    name: string,
    { messages, ending }: Plan,
  ): Promise<void> {
    const connection = await openRaw(application.port);
    const frames = messages.map((_, index) => encodeRawFrame({ opcode: 1, payload: String(index) }));
    connection.write(Buffer.concat([Buffer.from(upgradeRequest(`/ws?name=${name}`)), ...frames]));
    expect((await connection.answer()).status).toBe(101);
    if (ending === "by reset") {
      connection.reset();
    } else if (ending === "by the peer") {
      connection.writeFrame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) });
    } else {
      handler.sessions.get(name)!.close();
      await answerClose(connection);
    }
  }

  function checkLog(log: readonly string[], { established, messages, ending }: Plan): void {
    expect(log[0]).toBe("begin established");
    expect(log.at(-1)).toBe("end closed");
    expect(log.filter((line) => line === "begin closed")).toHaveLength(1);
    expect(log.filter((line) => line === "begin error").length).toBeLessThanOrEqual(1);
    // One at a time: whatever begins ends before the next one begins.
    for (let index = 0; index < log.length; index += 2) {
      expect(log[index + 1]).toBe(log[index]!.replace("begin", "end"));
    }
    const delivered = log.filter((line) => line.startsWith("begin message"));
    expect(delivered).toEqual(delivered.map((_, index) => `begin message ${index}`));
    const errorAt = log.indexOf("begin error");
    if (errorAt !== -1) expect(log[errorAt + 2]).toBe("begin closed");
    // A failure closes the session: it is the last to be delivered.
    const fails = (each: Step): boolean => each.kind === "throw" || each.kind === "reject";
    const firstFailure = fails(established) ? 0 : messages.findIndex(fails) + 1 || Infinity;
    expect(delivered.length).toBeLessThanOrEqual(firstFailure);
    // With a close frame behind the messages every one of them is delivered.
    if (ending === "by the peer") expect(delivered).toHaveLength(Math.min(messages.length, firstFailure));
  }
});
