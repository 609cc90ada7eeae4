import {
  BinaryWebSocketHandler,
  CloseSessionError,
  CloseStatus,
  TextWebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger, type LogLine } from "./harness/application";
import { Client } from "./harness/client";
import { serve } from "./harness/serve";
import { until } from "./harness/until";

const ERROR = 50;
/** What careless code rejects with. */
const NOTHING = undefined as unknown as Error;

/** Fails in the way that a message names. */
class Failing extends TextWebSocketHandler {
  ends = 0;

  override handleTextMessage(
    _session: WebSocketSession<object>,
    { payload }: TextMessage,
  ): void | Promise<void> {
    if (payload === "throw") throw new Error("broken");
    if (payload === "reject") return Promise.reject(new Error("broken"));
    if (payload === "later") return new Promise((_, reject) => setImmediate(reject, new Error("broken")));
    if (payload === "nothing") return Promise.reject(NOTHING);
    if (payload === "chosen") throw new CloseSessionError(new CloseStatus(4020, "your turn is over"));
  }

  override afterConnectionClosed(): void | Promise<void> {
    this.ends += 1;
  }
}

function failures(lines: readonly LogLine[]): LogLine[] {
  return lines.filter(({ level }) => level >= ERROR);
}

afterEach(closeApplications);

describe("a callback that fails", () => {
  it.each(["throw", "reject", "later", "nothing"])(
    "is logged once and closes its session with 1011 without a reason (%s)",
    async (way) => {
      const { logger, lines } = recordingLogger();
      const handler = new Failing();
      const application = await serve(handler, { paths: ["/ws/{x}"] }, { logger });
      const other = await Client.connect(`${application.url}/ws/1`);
      const client = await Client.connect(`${application.url}/ws/2`);
      client.send(way);
      expect(await client.closed).toEqual({ code: 1011, reason: "" });
      await until("the end", () => handler.ends === 1);
      const [line, ...more] = failures(lines);
      expect(more).toEqual([]);
      expect(line).toMatchObject({ path: "/ws/{x}", code: 1011, callback: "handleMessage" });
      expect(line!["session"]).toMatch(/^[0-9a-f-]{36}$/);
      expect(other.ws.readyState).toBe(1);
      await other.close();
    },
  );

  it("closes with the status of a CloseSessionError, which is no error of the server", async () => {
    const { logger, lines } = recordingLogger();
    const application = await serve(new Failing(), {}, { logger });
    const client = await Client.connect(`${application.url}/ws`);
    client.send("chosen");
    expect(await client.closed).toEqual({ code: 4020, reason: "your turn is over" });
    expect(failures(lines)).toEqual([]);
    expect(lines).toContainEqual(expect.objectContaining({ code: 4020, callback: "handleMessage" }));
  });

  it("closes as mapError says: the handler's, else the application's, else 1011", async () => {
    const seen: unknown[] = [];
    const application = await serve(
      new Failing(),
      {
        mapError: (error, session) => {
          seen.push(error, session.id);
          return new CloseStatus(4021, "mapped");
        },
      },
      { mapError: () => new CloseStatus(4022) },
    );
    const client = await Client.connect(`${application.url}/ws`);
    client.send("throw");
    expect(await client.closed).toEqual({ code: 4021, reason: "mapped" });
    expect(seen).toEqual([new Error("broken"), expect.any(String)]);

    const second = await serve(new Failing(), {}, { mapError: () => new CloseStatus(4022) });
    const client2 = await Client.connect(`${second.url}/ws`);
    client2.send("reject");
    expect((await client2.closed).code).toBe(4022);

    const third = await serve(new Failing(), { mapError: () => undefined });
    const client3 = await Client.connect(`${third.url}/ws`);
    client3.send("throw");
    expect((await client3.closed).code).toBe(1011);
  });

  it("closes with 1011 when mapError fails in its turn; both are logged", async () => {
    const { logger, lines } = recordingLogger();
    const mapError = (): CloseStatus => {
      throw new Error("the mapper is broken too");
    };
    const application = await serve(new Failing(), { mapError }, { logger });
    const client = await Client.connect(`${application.url}/ws`);
    client.send("throw");
    expect((await client.closed).code).toBe(1011);
    expect(failures(lines).map(({ msg }) => msg)).toEqual([
      "a callback failed, the session closes",
      "mapError failed",
    ]);
  });

  it("closes with 1011 when afterConnectionEstablished fails, and afterConnectionClosed still comes", async () => {
    class Unwelcoming extends Failing {
      override async afterConnectionEstablished(): Promise<void> {
        await Promise.resolve();
        throw new Error("no");
      }
    }
    const handler = new Unwelcoming();
    const application = await serve(handler);
    const client = await Client.connect(`${application.url}/ws`);
    expect((await client.closed).code).toBe(1011);
    await until("the end", () => handler.ends === 1);
  });

  it.each([true, false])(
    "is only logged in afterConnectionClosed (asynchronous: %p)",
    async (asynchronous) => {
      class BadEnding extends Failing {
        override afterConnectionClosed(): void | Promise<void> {
          this.ends += 1;
          if (asynchronous) return Promise.reject(new Error("too late"));
          throw new Error("too late");
        }
      }
      const { logger, lines } = recordingLogger();
      const handler = new BadEnding();
      const application = await serve(handler, {}, { logger });
      const client = await Client.connect(`${application.url}/ws`);
      await client.close(4023);
      await until("the line", () => failures(lines).length === 1);
      expect(failures(lines)[0]).toMatchObject({ callback: "afterConnectionClosed", path: "/ws" });
      expect(handler.ends).toBe(1);
    },
  );
});

describe("a message of the wrong kind", () => {
  it("closes a text handler with 1003, as in Spring", async () => {
    const application = await serve(new Failing());
    const client = await Client.connect(`${application.url}/ws`);
    client.send(Buffer.from("bytes"));
    expect(await client.closed).toEqual({ code: 1003, reason: "Binary messages not supported" });
  });

  it("closes a binary handler with 1003, as in Spring", async () => {
    const application = await serve(new (class extends BinaryWebSocketHandler {})());
    const client = await Client.connect(`${application.url}/ws`);
    client.send("text");
    expect(await client.closed).toEqual({ code: 1003, reason: "Text messages not supported" });
  });
});

describe("the log", () => {
  it("has the session and the path on every line about a session, and no payload, query or cookie", async () => {
    const { logger, lines } = recordingLogger("trace");
    const handler = new Failing();
    const application = await serve(handler, { paths: ["/ws/{x}"] }, { logger });
    const client = await Client.connect(`${application.url}/ws/1?token=secret-query`, {
      headers: { cookie: "sid=secret-cookie" },
    });
    client.send("secret-payload");
    client.send("throw");
    await client.closed;
    await until("the end", () => handler.ends === 1);
    const aboutSession = lines.filter(({ msg }) => /session|callback/.test(msg));
    expect(aboutSession.length).toBeGreaterThanOrEqual(2);
    for (const line of aboutSession)
      expect(line).toMatchObject({ path: "/ws/{x}", session: expect.any(String) as string });
    expect(JSON.stringify(lines)).not.toContain("secret");
  });
});
