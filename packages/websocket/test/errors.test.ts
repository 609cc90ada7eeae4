import {
  startTestApplication,
  until,
  type LogLine,
  type StartTestApplicationOptions,
  type TestApplication,
} from "@vernal/testing";
import {
  BinaryWebSocketHandler,
  CloseSessionError,
  CloseStatus,
  TextWebSocketHandler,
  WebSocketHandler,
  type ErrorMapper,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { recordingLogger } from "./harness/application";

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

/** With this handler at `/ws/{x}`. */
function start(
  handler: WebSocketHandler,
  options: StartTestApplicationOptions = {},
): Promise<TestApplication> {
  return startTestApplication({ handlers: { "/ws/{x}": handler }, ...options });
}

describe("a callback that fails", () => {
  it.each(["throw", "reject", "later", "nothing"])(
    "is logged once and closes its session with 1011 without a reason (%s)",
    async (way) => {
      const handler = new Failing();
      await using application = await start(handler);
      const other = await application.connect("/ws/1");
      const client = await application.connect("/ws/2");
      client.send(way);
      expect(await client.closed()).toEqual(new CloseStatus(1011));
      await until("the end", () => handler.ends === 1);
      const [line, ...more] = failures(application.log);
      expect(more).toEqual([]);
      expect(line).toMatchObject({ path: "/ws/{x}", code: 1011, callback: "handleMessage" });
      expect(line!["session"]).toMatch(/^[0-9a-f-]{36}$/);
      expect(other.isOpen).toBe(true);
    },
  );

  it("closes with the status of a CloseSessionError, which is no error of the server", async () => {
    await using application = await start(new Failing());
    const client = await application.connect("/ws/1");
    client.send("chosen");
    expect(await client.closed()).toEqual(new CloseStatus(4020, "your turn is over"));
    expect(failures(application.log)).toEqual([]);
    expect(application.log).toContainEqual(
      expect.objectContaining({ code: 4020, callback: "handleMessage" }),
    );
  });

  it("closes as mapError says: the handler's, else the application's, else 1011", async () => {
    const seen: unknown[] = [];
    const mapError: ErrorMapper = (error, session) => {
      seen.push(error, session.id);
      return new CloseStatus(4021, "mapped");
    };
    @WebSocketHandler("/ws/mapping", { mapError })
    class Mapping extends Failing {}
    await using application = await start(new Failing(), {
      components: [Mapping],
      mapError: () => new CloseStatus(4022),
    });
    const client = await application.connect("/ws/mapping");
    client.send("throw");
    expect(await client.closed()).toEqual(new CloseStatus(4021, "mapped"));
    expect(seen).toEqual([new Error("broken"), expect.any(String)]);

    const second = await application.connect("/ws/1");
    second.send("reject");
    expect((await second.closed()).code).toBe(4022);

    @WebSocketHandler("/ws/undecided", { mapError: () => undefined })
    class Undecided extends Failing {}
    await using other = await startTestApplication({ components: [Undecided] });
    const third = await other.connect("/ws/undecided");
    third.send("throw");
    expect((await third.closed()).code).toBe(1011);
  });

  it("is logged at debug where mapError gives another status than 1011: a peer that sends nonsense fills no log", async () => {
    @WebSocketHandler("/ws/mapping", { mapError: () => CloseStatus.BAD_DATA })
    class Mapping extends Failing {}
    await using application = await startTestApplication({ components: [Mapping] });
    const client = await application.connect("/ws/mapping");
    client.send("throw");
    expect((await client.closed()).code).toBe(1007);
    await until("the line", () => application.log.some(({ msg }) => msg === "a callback closes the session"));
    expect(failures(application.log)).toEqual([]);
  });

  it("closes with 1011 when mapError fails in its turn; both are logged", async () => {
    const mapError = (): CloseStatus => {
      throw new Error("the mapper is broken too");
    };
    @WebSocketHandler("/ws/mapping", { mapError })
    class Mapping extends Failing {}
    await using application = await startTestApplication({ components: [Mapping] });
    const client = await application.connect("/ws/mapping");
    client.send("throw");
    expect((await client.closed()).code).toBe(1011);
    expect(failures(application.log).map(({ msg }) => msg)).toEqual([
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
    await using application = await start(handler);
    const client = await application.connect("/ws/1");
    expect((await client.closed()).code).toBe(1011);
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
      const handler = new BadEnding();
      await using application = await start(handler);
      const client = await application.connect("/ws/1");
      await client.close(new CloseStatus(4023));
      await until("the line", () => failures(application.log).length === 1);
      expect(failures(application.log)[0]).toMatchObject({
        callback: "afterConnectionClosed",
        path: "/ws/{x}",
      });
      expect(handler.ends).toBe(1);
    },
  );
});

describe("a message of the wrong kind", () => {
  it("closes a text handler with 1003, as in Spring", async () => {
    await using application = await start(new Failing());
    const client = await application.connect("/ws/1");
    client.send(Buffer.from("bytes"));
    expect(await client.closed()).toEqual(new CloseStatus(1003, "Binary messages not supported"));
  });

  it("closes a binary handler with 1003, as in Spring", async () => {
    await using application = await start(new (class extends BinaryWebSocketHandler {})());
    const client = await application.connect("/ws/1");
    client.send("text");
    expect(await client.closed()).toEqual(new CloseStatus(1003, "Text messages not supported"));
  });
});

describe("the log", () => {
  it("has the session and the path on every line about a session, and no payload, query or cookie", async () => {
    const { logger, lines } = recordingLogger("trace");
    const handler = new Failing();
    await using application = await start(handler, { logger });
    const client = await application.connect("/ws/1?token=secret-query", {
      headers: { cookie: "sid=secret-cookie" },
    });
    client.send("secret-payload");
    client.send("throw");
    await client.closed();
    await until("the end", () => handler.ends === 1);
    const aboutSession = lines.filter(({ msg }) => /session|callback/.test(msg));
    expect(aboutSession.length).toBeGreaterThanOrEqual(2);
    for (const line of aboutSession)
      expect(line).toMatchObject({ path: "/ws/{x}", session: expect.any(String) as string });
    expect(JSON.stringify(lines)).not.toContain("secret");
  });
});
