import {
  BinaryWebSocketHandler,
  CloseSessionError,
  CloseStatus,
  Component,
  Configuration,
  EnableWebSocket,
  TextMessage,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketHandlerDecorator,
  type Logger,
  type WebSocketConfigurer,
  type WebSocketHandlerDecoratorFactory,
  type WebSocketHandlerRegistry,
  type WebSocketMessage,
  type WebSocketSession,
} from "../src/index";
import { boot } from "../src/engine/boot/boot";
import { onlyProblemOf, reportOf } from "./fixtures/problems";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until } from "./harness/until";

afterEach(closeApplications);

const log: string[] = [];
beforeEach(() => void (log.length = 0));

class Echo extends TextWebSocketHandler {
  override afterConnectionEstablished(_session: WebSocketSession): void {
    log.push("handler: established");
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    if (message.payload === "fail") throw new Error("it broke");
    await session.sendMessage(message);
  }

  override afterConnectionClosed(_session: WebSocketSession, _status: CloseStatus): void {
    log.push("handler: closed");
  }
}

class Noting extends WebSocketHandlerDecorator {
  constructor(
    delegate: WebSocketHandler,
    readonly name: string,
  ) {
    super(delegate);
  }

  override afterConnectionEstablished(session: WebSocketSession): void | Promise<void> {
    log.push(`${this.name}: established`);
    return super.afterConnectionEstablished(session);
  }

  override handleMessage(session: WebSocketSession, message: WebSocketMessage): void | Promise<void> {
    log.push(`${this.name}: ${message.kind}`);
    return super.handleMessage(session, message);
  }

  override handleTransportError(session: WebSocketSession, error: Error): void | Promise<void> {
    log.push(`${this.name}: error`);
    return super.handleTransportError(session, error);
  }

  override afterConnectionClosed(session: WebSocketSession, status: CloseStatus): void | Promise<void> {
    log.push(`${this.name}: closed with ${status.code}`);
    return super.afterConnectionClosed(session, status);
  }
}

const noting = (name: string): WebSocketHandlerDecoratorFactory => ({
  decorate: (handler) => new Noting(handler, name),
});

/** A factory of decorators that do this with messages. */
function onMessage(
  handle: (
    delegate: WebSocketHandler,
    session: WebSocketSession,
    message: WebSocketMessage,
  ) => void | Promise<void>,
): WebSocketHandlerDecoratorFactory {
  class OnMessage extends WebSocketHandlerDecorator {
    override handleMessage(session: WebSocketSession, message: WebSocketMessage): void | Promise<void> {
      return handle(this.delegate, session, message);
    }
  }
  return { decorate: (handler) => new OnMessage(handler) };
}

/** Sends the texts and gives what came back for each. */
async function answersTo(url: string, ...texts: string[]): Promise<readonly (string | Buffer)[]> {
  const client = await connectClient(url);
  for (const text of texts) client.send(text);
  await until("the answers", () => client.received.length === texts.length);
  await client.close();
  return client.received;
}

describe("decorators", () => {
  test("of the application are outside of the handler's, and the first listed is the outermost", async () => {
    const { url } = await serve(
      new Echo(),
      { decorators: [noting("handler's first"), noting("handler's second")] },
      { decorators: [noting("application's first"), noting("application's second")] },
    );
    expect(await answersTo(`${url}/ws`, "x")).toEqual(["x"]);
    await until("the end", () => log.includes("handler: closed"));
    const names = ["application's first", "application's second", "handler's first", "handler's second"];
    expect(log).toEqual([
      ...names.map((name) => `${name}: established`),
      "handler: established",
      ...names.map((name) => `${name}: text`),
      ...names.map((name) => `${name}: closed with 1005`),
      "handler: closed",
    ]);
  });

  test("see a transport error too", async () => {
    const { port } = await serve(new Echo(), { decorators: [noting("a")] });
    const connection = await upgradeRaw(port, "/ws");
    connection.writeFrame({ opcode: 1, payload: "unmasked", masked: false });
    await until("the error", () => log.includes("a: error"));
    await leave(connection);
  });

  test("are made once for each registered handler, and not for its connections or paths", async () => {
    const decorated: WebSocketHandler[] = [];
    const counting: WebSocketHandlerDecoratorFactory = {
      decorate: (handler) => {
        decorated.push(handler);
        return handler;
      },
    };
    const handler = new Echo();
    const { url } = await serve(handler, { paths: ["/a", "/b"] }, { decorators: [counting] });
    await answersTo(`${url}/a`, "x");
    await answersTo(`${url}/a`, "x");
    await answersTo(`${url}/b`, "x");
    expect(decorated).toEqual([handler]);
    expect(decorated[0]).toBe(handler);
  });

  test("can keep a message from the handler, or hand on another one", async () => {
    const filter = onMessage((delegate, session, message) => {
      if (message.kind !== "text" || message.payload === "secret") return;
      return delegate.handleMessage(session, new TextMessage(message.payload.toUpperCase()));
    });
    const { url } = await serve(new Echo(), { decorators: [filter] });
    const client = await connectClient(`${url}/ws`);
    client.send("secret");
    client.send(Buffer.from("binary, which would be 1003"));
    client.send("open");
    expect(await client.next()).toBe("OPEN");
    await client.close();
  });

  test("can turn what the handler throws into a status, or into an answer", async () => {
    const answering = onMessage(async (delegate, session, message) => {
      try {
        await delegate.handleMessage(session, message);
      } catch (error) {
        if (session.attributes.has("failed")) throw new CloseSessionError(new CloseStatus(4000, "enough"));
        session.attributes.set("failed", true);
        await session.sendMessage(`sorry: ${(error as Error).message}`);
      }
    });
    const { url } = await serve(new Echo(), { decorators: [answering] });
    const client = await connectClient(`${url}/ws`);
    client.send("fail");
    expect(await client.next()).toBe("sorry: it broke");
    client.send("fail");
    expect(await client.closed()).toEqual({ code: 4000, reason: "enough" });
  });

  test("that fail close the session, as the handler would", async () => {
    const { logger, lines } = recordingLogger("error");
    const failing = onMessage(() => Promise.reject(new Error("the decorator broke")));
    const { url } = await serve(new Echo(), { decorators: [failing] }, { logger });
    const client = await connectClient(`${url}/ws`);
    client.send("x");
    expect((await client.closed()).code).toBe(1011);
    expect(lines).toMatchObject([{ callback: "handleMessage", err: { message: "the decorator broke" } }]);
  });

  test("that are asynchronous keep the order of the messages", async () => {
    const waiting = onMessage(async (delegate, session, message) => {
      // The first waits longest, so that each would overtake those before it.
      const turns = message.kind === "text" ? 5 - Number(message.payload) : 0;
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await delegate.handleMessage(session, message);
    });
    const { url } = await serve(new Echo(), { decorators: [waiting] });
    expect(await answersTo(`${url}/ws`, "1", "2", "3", "4", "5")).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("leave the sub-protocols to the handler", async () => {
    class Speaking extends Echo {
      readonly subProtocols = ["v1.chat"];
    }
    const { url } = await serve(new Speaking(), { decorators: [noting("a")] });
    const client = await connectClient(`${url}/ws`, { subProtocols: ["other", "v1.chat"] });
    expect(client.native.protocol).toBe("v1.chat");
    await client.close();
  });

  test("leave the sub-protocols to the handler also where it was registered inside one", async () => {
    class Speaking extends Echo {
      readonly subProtocols = ["v1.chat"];
    }
    const { url } = await serve(new WebSocketHandlerDecorator(new Speaking()));
    const client = await connectClient(`${url}/ws`, { subProtocols: ["other", "v1.chat"] });
    expect(client.native.protocol).toBe("v1.chat");
    await client.close();
  });

  test("may decorate with any handler", async () => {
    class BinaryOnly extends BinaryWebSocketHandler {}
    const replacing: WebSocketHandlerDecoratorFactory = { decorate: () => new BinaryOnly() };
    const { url } = await serve(new Echo(), { decorators: [replacing] });
    const client = await connectClient(`${url}/ws`);
    client.send("a text");
    expect((await client.closed()).code).toBe(1003);
  });
});

describe("a factory that is named by its class", () => {
  @Component()
  class Metrics {
    readonly messages: string[] = [];
  }

  @Component()
  class CountingFactory implements WebSocketHandlerDecoratorFactory {
    constructor(readonly metrics: Metrics) {
      log.push("factory made");
    }
    start(): void {
      log.push("factory started");
    }
    decorate(handler: WebSocketHandler): WebSocketHandler {
      log.push(`${handler.constructor.name} decorated`);
      const { metrics } = this;
      return onMessage((delegate, session, message) => {
        metrics.messages.push(session.uri.pathname);
        return delegate.handleMessage(session, message);
      }).decorate(handler);
    }
    dispose(): void {
      log.push("factory disposed");
    }
  }

  @WebSocketHandler("/decorated", { decorators: [CountingFactory] })
  class Decorated extends Echo {}

  @Configuration()
  @EnableWebSocket()
  class Config implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      registry.addHandler(new Echo(), "/configured").setOptions({ decorators: [CountingFactory] });
    }
  }

  test("is injected, made, started and disposed once, for decorator and configurer alike", async () => {
    const application = await startApplication({ components: [Decorated, Config, Metrics] });
    await answersTo(`${application.url}/decorated`, "x");
    await answersTo(`${application.url}/configured`, "x", "y");
    expect(application.get(Metrics).messages).toEqual(["/decorated", "/configured", "/configured"]);
    await application.close();
    expect(log.filter((line) => !line.startsWith("handler"))).toEqual([
      "factory made",
      "Decorated decorated",
      "Echo decorated",
      "factory started",
      "factory disposed",
    ]);
  });

  test("can be the application's", async () => {
    @WebSocketHandler("/plain")
    class Plain extends Echo {}
    const application = await startApplication({
      components: [Metrics, Plain],
      decorators: [CountingFactory],
    });
    await answersTo(`${application.url}/plain`, "x");
    expect(application.get(Metrics).messages).toEqual(["/plain"]);
  });
});

describe('with scope: "connection"', () => {
  let made = 0;
  beforeEach(() => void (made = 0));

  class Own extends Echo {
    readonly id = (made += 1);
    dispose(): void {
      log.push(`disposed ${this.id}`);
    }
  }
  const application = (decorators: readonly WebSocketHandlerDecoratorFactory[], logger?: Logger) => {
    @WebSocketHandler("/ws", { scope: "connection", decorators })
    class Each extends Own {}
    return startApplication({ components: [Each], ...(logger && { logger }) });
  };

  test("each connection has its own, and the instance behind it is disposed exactly once", async () => {
    const decorated: WebSocketHandler[] = [];
    const keeping: WebSocketHandlerDecoratorFactory = {
      decorate: (handler) => {
        decorated.push(new Noting(handler, `decorator of ${(handler as Own).id}`));
        return decorated.at(-1)!;
      },
    };
    const { url } = await application([keeping]);
    expect(decorated).toEqual([]);
    const first = await connectClient(`${url}/ws`);
    const second = await connectClient(`${url}/ws`);
    second.send("x");
    expect(await second.next()).toBe("x");
    expect(new Set(decorated).size).toBe(2);
    await Promise.all([first.close(), second.close()]);
    await closeApplications();
    expect(log.filter((line) => line.includes("disposed")).sort()).toEqual(["disposed 1", "disposed 2"]);
    expect(log).toContain("decorator of 2: text");
    expect(log).not.toContain("decorator of 1: text");
  });

  test("the instance is disposed also where its decorator is the same for all connections", async () => {
    const shared = new Noting(new Echo(), "shared");
    const { url } = await application([{ decorate: () => shared }]);
    const first = await connectClient(`${url}/ws`);
    const second = await connectClient(`${url}/ws`);
    await Promise.all([first.close(), second.close()]);
    await closeApplications();
    expect(log.filter((line) => line.includes("disposed")).sort()).toEqual(["disposed 1", "disposed 2"]);
  });

  test.each<[what: string, factory: WebSocketHandlerDecoratorFactory, text: string]>([
    [
      "throws",
      {
        decorate: () => {
          throw new Error("no decorator today");
        },
      },
      "whose decorate threw for Each: no decorator today.",
    ],
    [
      "returns no handler",
      { decorate: () => undefined as never },
      "whose decorate returned undefined for Each, which lacks afterConnectionEstablished",
    ],
  ])("a factory that %s is a 500, is logged, and the instance is disposed", async (_, factory, text) => {
    const { logger, lines } = recordingLogger("error");
    const { port } = await application([factory], logger);
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/ws"));
    expect((await connection.answer()).status).toBe(500);
    await leave(connection);
    expect(log).toEqual(["disposed 1"]);
    expect(lines).toMatchObject([{ path: "/ws", err: { message: expect.stringContaining(text) as string } }]);
  });
});

test.each([undefined, []])("none leave the handler as it is: %p", async (decorators) => {
  const handler = new Echo();
  @Configuration()
  @EnableWebSocket()
  class Config implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      registry.addHandler(handler, "/ws").setOptions({ decorators });
    }
  }
  const booted = await boot({
    problems: [],
    scan: [],
    components: [Config],
    providers: [],
    overrides: [],
    container: undefined,
    limits: {},
    mapError: undefined,
    decorators: decorators ?? [],
    logger: recordingLogger().logger,
    progress: { waitingFor: undefined },
  });
  expect(booted.endpoints.map(({ endpoint }) => endpoint.handler === handler)).toEqual([true]);
  await booted.container.dispose();
});

describe("what is wrong with decorators is found at boot", () => {
  const withOption = (decorators: unknown) => {
    @WebSocketHandler("/ws", { decorators: decorators as never })
    class ChatHandler extends TextWebSocketHandler {}
    return ChatHandler;
  };

  test("all of it, and that of the application once", async () => {
    class LoggingFactory implements WebSocketHandlerDecoratorFactory {
      decorate(): never {
        throw new Error("no such log");
      }
    }
    @WebSocketHandler("/other", {
      interceptors: [{} as never],
      decorators: [{ decorate: async () => {} } as never],
    })
    class OtherHandler extends TextWebSocketHandler {}
    const { problems } = await reportOf({
      components: [withOption([new LoggingFactory(), undefined]), OtherHandler],
      decorators: [{} as never],
    });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("[VERNAL_NOT_AN_INTERCEPTOR] The option interceptors of OtherHandler"),
      expect.stringContaining(
        "[VERNAL_NOT_A_DECORATOR_FACTORY] The option decorators of the application holds an object (Object), " +
          "which has no method decorate. Give it an object that has",
      ),
      expect.stringContaining(
        "[VERNAL_NOT_A_DECORATOR_FACTORY] The option decorators of ChatHandler holds undefined",
      ),
      "[VERNAL_DECORATION_FAILED] The option decorators of ChatHandler holds an object (LoggingFactory), " +
        "whose decorate threw for ChatHandler: no such log. Mend what it does.",
      "[VERNAL_DECORATION_FAILED] The option decorators of OtherHandler holds an object (Object), whose decorate " +
        "returned an object (Promise) for OtherHandler, which lacks afterConnectionEstablished, handleMessage, " +
        "handleTransportError, afterConnectionClosed. Return a handler, such as one whose class extends " +
        "WebSocketHandlerDecorator, or the one that came in; decorate is not awaited.",
    ]);
  });

  test("a factory of the application that fails is named with the handler", async () => {
    const failing = {
      decorate: (): never => {
        throw new Error("no such metric");
      },
    };
    await expect(onlyProblemOf({ components: [withOption([])], decorators: [failing] })).resolves.toBe(
      "[VERNAL_DECORATION_FAILED] The option decorators of the application holds an object (Object), " +
        "whose decorate threw for ChatHandler: no such metric. Mend what it does.",
    );
  });

  test("a list that is none, of the application and of a handler", async () => {
    const { problems } = await reportOf({
      components: [withOption(noting("a"))],
      decorators: noting("a") as never,
    });
    expect(problems.map(({ message }) => message)).toEqual([
      "[VERNAL_OPTION_OUT_OF_RANGE] The option decorators of the application is an object (Object). " +
        "Give it a list, in square brackets, or leave it out for the default.",
      "[VERNAL_OPTION_OUT_OF_RANGE] The option decorators of ChatHandler is an object (Object). " +
        "Give it a list, in square brackets, or leave it out for the default.",
    ]);
  });

  test("an arrow function is no class of a factory", async () => {
    await expect(onlyProblemOf({ components: [withOption([(each: unknown) => each])] })).resolves.toContain(
      "[VERNAL_NOT_A_DECORATOR_FACTORY] The option decorators of ChatHandler holds a function, which has no method",
    );
  });
});
