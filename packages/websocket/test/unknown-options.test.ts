import { createServer } from "node:http";
import {
  Component,
  InjectLogger,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketClient,
  WebSocketConnectionManager,
  WebSocketHandler,
  type Logger,
  type VernalError,
} from "../src/index";
import { closeApplications, startApplication } from "./harness/application";

afterEach(closeApplications);

@WebSocketHandler("/ws/chat")
class ChatHandler extends TextWebSocketHandler {}

/** What JavaScript would let through. */
const untyped = (options: object): object => options;

/** What keeps an application from starting. */
async function problemsOf(starting: Promise<WebSocketApplication>): Promise<string[]> {
  const error: unknown = await starting.catch((reason: unknown) => reason);
  const { problems } = error as VernalError;
  return problems.map(({ message }) => message.replace("[VERNAL_UNKNOWN_OPTION] ", ""));
}

describe("an application", () => {
  it.each([
    ["prot", "There is no option prot of the application. Did you mean port?"],
    ["heartbeat", "There is no option heartbeat of the application. Did you mean heartbeatIntervalMs?"],
    ["maxMessageSize", "There is no option maxMessageSize of the application. Did you mean maxMessageBytes?"],
    [
      "handlers",
      "There is no option handlers of the application. Take it out; the type WebSocketApplicationOptions has those there are.",
    ],
    ["maxPayload", "There is no option maxPayload of the application. Its counterpart is maxMessageBytes."],
    [
      "cors",
      "There is no option cors of the application. Its counterpart is allowedOrigins, an option of a handler.",
    ],
    [
      "allowedOrigins",
      "There is no option allowedOrigins of the application. It is one of each handler: give it to its decorator or to setOptions.",
    ],
  ])("that is given %s does not start, and says what was meant", async (name, text) => {
    const starting = startApplication({ components: [ChatHandler], ...untyped({ [name]: 1 }) });
    expect(await problemsOf(starting)).toEqual([text]);
  });

  it("that is given another logger than one of pino says that alone", async () => {
    @Component()
    class Logging {
      constructor(@InjectLogger() readonly logger: Logger) {}
      registerWebSocketHandlers(): void {}
    }
    const options = untyped({ logger: console });
    const starting = WebSocketApplication.start({ components: [ChatHandler, Logging], port: 0, ...options });
    expect((await problemsOf(starting)).filter((text) => !text.includes("NOT_ENABLED"))).toEqual([
      expect.stringContaining("Give it a logger of pino, or leave it out for the default."),
    ]);
  });

  it("takes one that is undefined for one that is not given", async () => {
    const options = untyped({ prot: undefined });
    const application = await startApplication({ components: [ChatHandler], ...options });
    expect(application.port).toBeGreaterThan(0);
  });

  it("that is attached has no options of a server", async () => {
    const options = untyped({ port: 8080, signals: [], allowedOrigins: [], drainTimeout: 1 });
    const attaching = WebSocketApplication.attach(createServer(), { components: [ChatHandler], ...options });
    expect(await problemsOf(attaching)).toEqual([
      "There is no option port of the application. It is one of the server, which is the host's here.",
      "There is no option signals of the application. It is one of the server, which is the host's here.",
      "There is no option allowedOrigins of the application. It is one of each handler: give it to its decorator or to setOptions.",
      "There is no option drainTimeout of the application. Did you mean drainTimeoutMs?",
    ]);
  });
});

test("the options of an attached application may be what an object inherits, and are looked at", async () => {
  class Options {
    get drainBatchSize(): number {
      return 0;
    }
  }
  const attaching = WebSocketApplication.attach(createServer(), new Options());
  expect(await problemsOf(attaching)).toEqual([expect.stringContaining("drainBatchSize")]);
});

test("a handler that is given what is no option keeps the application from starting", async () => {
  @WebSocketHandler("/ws/rooms", untyped({ allowedOrigin: ["https://chat.example.com"], port: 1 }))
  class RoomHandler extends TextWebSocketHandler {}

  expect(await problemsOf(startApplication({ components: [RoomHandler] }))).toEqual([
    "There is no option allowedOrigin of RoomHandler. Did you mean allowedOrigins?",
    "There is no option port of RoomHandler. Take it out; the type WebSocketHandlerOptions has those there are.",
  ]);
});

describe("a client", () => {
  const client = new WebSocketClient();

  it("throws what is no option of it", () => {
    expect(() => new WebSocketClient(untyped({ maxConnections: 1 }))).toThrow(
      "There is no option maxConnections of WebSocketClient.",
    );
  });

  it("rejects what is no option of one call", async () => {
    const calling = client.execute(new ChatHandler(), "ws://localhost:1/", untyped({ maxMessageBytes: 1 }));
    await expect(calling).rejects.toThrow(
      "There is no option maxMessageBytes of WebSocketClient.execute. It is one of the client: give it to new WebSocketClient.",
    );
  });

  it("has a manager that throws what is no option of it or of its queue", () => {
    const managerWith = (options: object): WebSocketConnectionManager =>
      new WebSocketConnectionManager(client, new ChatHandler(), "ws://localhost:1/", untyped(options));
    expect(() => managerWith({ mapError: () => undefined })).toThrow("It is one of the client");
    expect(() => managerWith({ initialDelay: 1 })).toThrow("Did you mean initialDelayMs?");
    expect(() => managerWith({ queue: { size: 1 } })).toThrow(
      "There is no option size of the queue of WebSocketConnectionManager. Take it out; the type SendQueueOptions has those there are.",
    );
  });
});
