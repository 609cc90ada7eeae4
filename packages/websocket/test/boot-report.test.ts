import { EventEmitter, once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import {
  Component,
  Configuration,
  delay,
  EnableWebSocket,
  inject,
  InjectLogger,
  TextWebSocketHandler,
  WebSocketHandler,
  type AnyClass,
  type HandshakeInterceptor,
  type Logger,
  type WebSocketConfigurer,
  type WebSocketHandlerOptions,
  type WebSocketHandlerRegistration,
  type WebSocketHandlerRegistry,
} from "../src/index";
import { closeApplications, startApplication } from "./harness/application";
import { onlyProblemOf, reportOf } from "./fixtures/problems";
import { removeTemporaryFolders, temporaryFolder } from "./fixtures/temporary-folder";

const untyped = jest.requireActual<Record<"UntypedHandler", AnyClass>>("./fixtures/compiled-by-esbuild.cjs");

afterAll(removeTemporaryFolders);

@WebSocketHandler("/ws/chat")
class ChatHandler extends TextWebSocketHandler {}

class Plain extends TextWebSocketHandler {}

/** A configurer that does what it is told. */
function configurer(register: (registry: WebSocketHandlerRegistry) => void): AnyClass {
  @Configuration()
  @EnableWebSocket()
  class ChatConfig implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      return register(registry);
    }
  }
  return ChatConfig;
}

test("reports everything together", async () => {
  @WebSocketHandler("/ws/chat", { maxMessageBytes: -1 })
  class ChatV2Handler extends TextWebSocketHandler {}

  @Component()
  class MessageHistory {
    constructor(@inject("database") readonly database: object) {}
  }

  @WebSocketHandler("/ws/rooms/{room", { allowedOrigins: ["chat.example.com"] })
  class RoomHandler extends TextWebSocketHandler {
    constructor(readonly history: MessageHistory) {
      super();
    }
  }

  const folder = temporaryFolder();
  const report = await reportOf({
    scan: [folder],
    components: [
      ChatHandler,
      ChatV2Handler,
      RoomHandler,
      untyped.UntypedHandler,
      configurer((registry) =>
        registry.addHandler(new Plain(), "/ws/plain").setAllowedOrigins("https://*.example.com"),
      ),
    ],
  });
  expect(report.code).toBe("VERNAL_BOOT_FAILED");
  expect(report.message.replace(folder, "/app/handlers")).toMatchInlineSnapshot(`
    "[VERNAL_BOOT_FAILED] The application cannot start: 8 problems.

      1. [VERNAL_EMPTY_SCAN] The folder /app/handlers named by the option scan has no module in it. Name the folder of the compiled classes, such as join(__dirname, "handlers"), and export each decorated class.

      2. [VERNAL_MISSING_PROVIDER] MessageHistory needs "database" as the first parameter of its constructor, and nothing provides it (reached by RoomHandler -> MessageHistory). Provide it, by the option providers: [{ token: "database", useValue: … }], or by a @Bean("database") method.

      3. [VERNAL_MISSING_METADATA] The constructor of UntypedHandler has parameters, but their types are unknown. Compile UntypedHandler with tsc or ts-jest and both "experimentalDecorators" and "emitDecoratorMetadata": esbuild, tsx and type stripping write no types. Or write @inject(TheClass), from "@vernal/websocket", in front of each parameter.

      4. [VERNAL_OPTION_OUT_OF_RANGE] The option maxMessageBytes of ChatV2Handler is -1. Give it a whole number from 1 to 1073741824, or leave it out for the default.

      5. [VERNAL_INVALID_ORIGIN] Among the allowed origins of RoomHandler "chat.example.com" is no origin: write it with its scheme, such as "https://chat.example.com".

      6. [VERNAL_INVALID_ORIGIN] Among the allowed origins of Plain (registered by ChatConfig) "https://*.example.com" is no origin but a pattern: give it to allowedOriginPatterns.

      7. [VERNAL_DUPLICATE_PATH] ChatHandler and ChatV2Handler are both mapped to "/ws/chat". Give one of them another path.

      8. [VERNAL_INVALID_PATH] RoomHandler is mapped to "/ws/rooms/{room": the segment "{room" is no variable: a variable is a whole segment and has a name of letters, digits and underscores, such as {room}. Write a path such as "/ws/chat", "/ws/rooms/{room}", "/ws/*" or "/ws/**".
    "
  `);
});

describe("paths", () => {
  test("of one handler that are the same are named once", async () => {
    @WebSocketHandler(["/ws/a", "/ws/a"])
    class TwiceHandler extends TextWebSocketHandler {}
    await expect(onlyProblemOf({ components: [TwiceHandler] })).resolves.toBe(
      '[VERNAL_DUPLICATE_PATH] TwiceHandler is mapped twice to "/ws/a". Remove one of the two, or give it another path.',
    );
  });

  test("that differ only in the names of variables are one path", async () => {
    @WebSocketHandler("/ws/{room}")
    class RoomHandler extends TextWebSocketHandler {}
    @WebSocketHandler("/ws/{user}")
    class UserHandler extends TextWebSocketHandler {}
    await expect(onlyProblemOf({ components: [RoomHandler, UserHandler] })).resolves.toBe(
      '[VERNAL_DUPLICATE_PATH] RoomHandler and UserHandler are both mapped to "/ws/{room}" and "/ws/{user}", ' +
        "which match the same requests. Give one of them another path.",
    );
  });

  test("of a decorator and a configurer are told apart by who registered them", async () => {
    const config = configurer((registry) => registry.addHandler(new Plain(), "/ws/chat"));
    await expect(onlyProblemOf({ components: [ChatHandler, config] })).resolves.toContain(
      'ChatHandler and Plain (registered by ChatConfig) are both mapped to "/ws/chat"',
    );
  });

  test("that are missing or malformed are reported with the handler", async () => {
    const config = configurer((registry) => {
      const addHandler = registry.addHandler.bind(registry) as (
        handler: object,
        ...paths: string[]
      ) => object;
      addHandler(new Plain());
      addHandler(new Plain(), "/ws/a b");
    });
    const { problems } = await reportOf({ components: [config] });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^\[VERNAL_INVALID_PATH\] Plain \(registered by ChatConfig\) is registered without a path/,
      ),
      expect.stringMatching(
        /^\[VERNAL_INVALID_PATH\] Plain .* is mapped to "\/ws\/a b": the path holds a space\. Write/,
      ),
    ]);
  });
});

describe("handlers", () => {
  test.each([
    ["undefined", undefined, "undefined (registered by ChatConfig) is no WebSocketHandler"],
    [
      "an object literal",
      {},
      "A handler without a class name (registered by ChatConfig) is no WebSocketHandler",
    ],
    [
      "a class that is none",
      new EventEmitter(),
      "EventEmitter (registered by ChatConfig) is no WebSocketHandler",
    ],
  ])("that are none are reported: %s", async (_, handler, text) => {
    const config = configurer((registry) => registry.addHandler(handler as unknown as Plain, "/ws/chat"));
    const problem = await onlyProblemOf({ components: [config] });
    expect(problem).toContain(
      `[VERNAL_NOT_A_HANDLER] ${text}: it lacks afterConnectionEstablished, handleMessage`,
    );
    expect(problem).toContain("extends TextWebSocketHandler");
  });
});

test("a class that a configurer registers without a scope is reported", async () => {
  const config = configurer((registry) => registry.addHandler(Plain as unknown as Plain, "/ws/chat"));
  await expect(onlyProblemOf({ components: [config] })).resolves.toBe(
    "[VERNAL_CLASS_NEEDS_SCOPE] Plain (registered by ChatConfig) is registered as a class. Register an instance, made " +
      'with new, or add .setOptions({ scope: "connection" }) for one per connection.',
  );
});

describe("options", () => {
  test.each([
    ["of a handler", { components: [limited({ maxFragments: 0 })] }, "maxFragments of LimitedHandler is 0."],
    [
      "of the application",
      { components: [ChatHandler], closeTimeoutMs: 1.5 },
      "closeTimeoutMs of the application is 1.5.",
    ],
    [
      "that are no numbers",
      { components: [limited({ maxMessageBytes: NaN })] },
      "maxMessageBytes of LimitedHandler is NaN.",
    ],
    [
      "of the server",
      { port: 70_000 },
      "port of the application is 70000. Give it a whole number from 0 to 65535",
    ],
  ])("out of range are reported: %s", async (_, options, text) => {
    const problem = await onlyProblemOf(options);
    expect(problem).toContain(`[VERNAL_OPTION_OUT_OF_RANGE] The option ${text}`);
  });

  test("of the server are reported together with everything else", async () => {
    const { problems } = await reportOf({ port: -1, retryAfterSeconds: 0.5, components: [Plain] });
    expect(problems.map(({ code }) => code)).toEqual([
      "VERNAL_OPTION_OUT_OF_RANGE",
      "VERNAL_OPTION_OUT_OF_RANGE",
      "VERNAL_NOT_A_COMPONENT",
    ]);
  });

  test("with an invalid origin pattern are reported", async () => {
    const components = [limited({ allowedOriginPatterns: ["https://a.example.com:*"] })];
    await expect(onlyProblemOf({ components })).resolves.toContain(
      '[VERNAL_INVALID_ORIGIN] Among the allowed origins of LimitedHandler "https://a.example.com:*" is no origin pattern',
    );
  });

  function limited(options: Parameters<typeof WebSocketHandler>[1]): AnyClass {
    @WebSocketHandler("/ws/limited", options)
    class LimitedHandler extends TextWebSocketHandler {}
    return LimitedHandler;
  }
});

describe("interceptors", () => {
  test("that are none, as after a circular import, are reported", async () => {
    const interceptors = [undefined as unknown as HandshakeInterceptor];
    const config = configurer((registry) =>
      registry.addHandler(new Plain(), "/ws/chat").setOptions({ interceptors }),
    );
    await expect(onlyProblemOf({ components: [config] })).resolves.toContain(
      "[VERNAL_NOT_AN_INTERCEPTOR] The option interceptors of Plain (registered by ChatConfig) holds undefined, which has no method beforeHandshake.",
    );
  });
});

describe("the registry", () => {
  test("is closed after the start", async () => {
    let kept!: WebSocketHandlerRegistry;
    let registration!: WebSocketHandlerRegistration;
    const config = configurer((registry) => {
      kept = registry;
      registration = registry.addHandler(new Plain(), "/ws/plain");
    });
    await startApplication({ components: [config] });
    const closed = expect.objectContaining({ code: "VERNAL_REGISTRY_CLOSED" }) as Error;
    expect(() => kept.addHandler(new Plain(), "/ws/late")).toThrow(closed);
    expect(() => registration.setAllowedOrigins("*")).toThrow(closed);
    await closeApplications();
  });
});

describe("options of the wrong form", () => {
  test("are reported by their names, with everything else, and are not read letter by letter", async () => {
    const { problems } = await reportOf({
      components: [ChatHandler],
      host: 7 as unknown as string,
      scan: "handlers" as unknown as string[],
      signals: ["SIGKILL"],
      plainRequests: "nope" as "426",
      requestListener: 42 as unknown as () => void,
      tls: 5 as unknown as object,
      container: {} as never,
      providers: {} as never,
      mapError: 5 as never,
    });
    const names = problems.map(({ message }) => /The option (\w+) of the application is/.exec(message)?.[1]);
    expect(names.sort()).toEqual([
      "container",
      "host",
      "mapError",
      "plainRequests",
      "providers",
      "requestListener",
      "scan",
      "signals",
      "tls",
    ]);
  });

  test("of a handler are reported too", async () => {
    const options = {
      allowedOrigins: "https://a.example",
      interceptors: {},
      mapError: 5,
      scope: "session",
      subProtocols: "v1",
    };
    const config = configurer((registry) =>
      registry.addHandler(new Plain(), "/ws/plain").setOptions(options as unknown as WebSocketHandlerOptions),
    );
    const { problems } = await reportOf({ components: [config] });
    const names = problems.map(({ message }) => /The option (\w+) of Plain \(/.exec(message)?.[1]);
    expect(names.sort()).toEqual(Object.keys(options).sort());
  });

  test("do not matter to a getter that throws: what was made is disposed, and the report says so", async () => {
    const log: string[] = [];
    class Odd extends TextWebSocketHandler {
      get subProtocols(): string[] {
        throw new Error("no names today");
      }
    }
    const config = configurer((registry) => registry.addHandler(new Odd(), "/ws/odd"));
    const problem = await onlyProblemOf({
      components: [config],
      providers: [{ token: "db", useFactory: () => ({ dispose: () => void log.push("disposed") }) }],
    });
    expect(problem).toContain("[VERNAL_BOOT_BROKEN] The wiring broke off: no names today.");
    expect(log).toEqual(["disposed"]);
  });
});

describe("components", () => {
  test("without a decorator are reported", async () => {
    await expect(onlyProblemOf({ components: [Plain] })).resolves.toContain(
      "[VERNAL_NOT_A_COMPONENT] The option components names Plain, which carries no decorator of Vernal.",
    );
  });

  test("that only ask for a logger are no components", async () => {
    class Forgotten {
      constructor(@InjectLogger() readonly logger: Logger) {}
    }
    await expect(onlyProblemOf({ components: [Forgotten] })).resolves.toContain(
      "[VERNAL_NOT_A_COMPONENT] The option components names Forgotten",
    );
  });

  test("whose constructor throws are reported with the reason", async () => {
    @Component()
    class Broken {
      constructor() {
        throw new Error("no configuration");
      }
    }
    await expect(onlyProblemOf({ components: [Broken] })).resolves.toBe(
      "[VERNAL_CONSTRUCTION_FAILED] The constructor of Broken threw: no configuration. " +
        "Mend it, or move what can fail into its start().",
    );
  });

  test("whose transient dependency throws are reported with its reason", async () => {
    class Connection {
      constructor() {
        throw new Error("the address is malformed");
      }
    }
    @Component()
    class Store {
      constructor(readonly connection: Connection) {}
    }
    const problem = await onlyProblemOf({ components: [Store] });
    expect(problem).toContain("The constructor of Store threw: Cannot inject the dependency");
    expect(problem).toContain("the address is malformed.");
  });

  test("whose start fails are reported, and what was made is disposed in reverse", async () => {
    const log: string[] = [];
    @Component()
    class First {
      start(): void {
        log.push("start First");
      }
      dispose(): void {
        log.push("dispose First");
      }
    }
    @Component()
    class Second {
      constructor(readonly first: First) {}
      async start(): Promise<void> {
        log.push("start Second");
        return Promise.reject(new Error("no broker"));
      }
      dispose(): void {
        log.push("dispose Second");
      }
    }
    @Component()
    class Third {
      constructor(readonly second: Second) {}
      start(): void {
        log.push("start Third");
      }
    }
    await expect(onlyProblemOf({ components: [Third] })).resolves.toBe(
      "[VERNAL_START_FAILED] Second.start() failed: no broker. Mend that, and start again; what had been made was disposed.",
    );
    expect(log).toEqual(["start First", "start Second", "dispose Second", "dispose First"]);
  });
});

describe("configurers", () => {
  test("that nothing enables are reported", async () => {
    @Configuration()
    class LonelyConfig implements WebSocketConfigurer {
      registerWebSocketHandlers(): void {}
    }
    await expect(onlyProblemOf({ components: [LonelyConfig] })).resolves.toBe(
      "[VERNAL_CONFIGURER_NOT_ENABLED] LonelyConfig has registerWebSocketHandlers, but nothing calls it. " +
        "Put @EnableWebSocket() beside its @Configuration().",
    );
  });

  test("that nothing enables are asked all the same, so that what they register is in the same report", async () => {
    @Configuration()
    class LonelyConfig implements WebSocketConfigurer {
      registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
        registry.addHandler(new Plain(), "/ws/plain/");
      }
    }
    const { problems } = await reportOf({ components: [LonelyConfig] });
    expect(problems.map(({ code }) => code)).toEqual([
      "VERNAL_CONFIGURER_NOT_ENABLED",
      "VERNAL_INVALID_PATH",
    ]);
  });

  test.each([
    [
      "throw",
      (): void => {
        throw new Error("no such file");
      },
    ],
    ["reject", async (): Promise<void> => Promise.reject(new Error("no such file"))],
  ])("that %s are reported", async (_, register) => {
    await expect(onlyProblemOf({ components: [configurer(register)] })).resolves.toBe(
      "[VERNAL_CONFIGURER_FAILED] ChatConfig.registerWebSocketHandlers threw: no such file. " +
        "Mend what it does; nothing was started.",
    );
  });
});

describe("injection", () => {
  test("without a provider is reported with the chain that led there", async () => {
    class Deep {
      constructor(
        readonly first: Bottom,
        @inject("dsn") readonly dsn: string,
      ) {}
    }
    Component()(Deep);
    const { problems } = await reportOf({ components: [chained(Deep)] });
    expect(problems.map(({ message }) => message)).toEqual([
      '[VERNAL_MISSING_PROVIDER] Deep needs "dsn" as the second parameter of its constructor, and nothing provides it ' +
        "(reached by Top -> Deep). Provide it, by the option providers: " +
        '[{ token: "dsn", useValue: … }], or by a @Bean("dsn") method.',
    ]);
  });

  test("of what has no class is reported with what to write for its type", async () => {
    @Component()
    class Timer {
      constructor(
        readonly clock: { now(): number },
        readonly listener: () => void,
        readonly label: string,
      ) {}
    }
    class Late {}
    Component()(Late);
    Reflect.defineMetadata("design:paramtypes", [undefined], Late);
    const { problems } = await reportOf({ components: [Timer, Late] });
    const token =
      'write @inject("name") in front of it and provide it, by the option providers: [{ token: "name", useValue: … }]';
    const circle =
      'write @inject(delay(() => Other)) on both sides, with inject and delay from "@vernal/websocket".';
    const any =
      `If it is an interface or a union (also "| undefined"), ${token}; if it is a class, import it with "import" and ` +
      `not "import type"; if two modules import each other, ${circle}`;
    expect(problems.map(({ message }) => message.replace(/^.*can be injected\. /, ""))).toEqual([
      any,
      any,
      `For a plain value ${token}.`,
      `Its class was not there yet, because two modules import each other: ${circle}`,
    ]);
  });

  test("of an interface, a union or a built-in type is reported with its causes", async () => {
    interface Clock {
      now(): number;
    }
    @Component()
    class Timer {
      constructor(
        readonly clock: Clock,
        readonly label: string,
        readonly bottom: Bottom | undefined,
      ) {}
    }
    const { problems } = await reportOf({ components: [Timer] });
    expect(problems.map(({ message }) => message.slice(0, 120))).toEqual([
      expect.stringContaining(
        "[VERNAL_UNINJECTABLE_PARAMETER] The first parameter of the constructor of Timer was compiled to the type Object",
      ),
      expect.stringContaining(
        "The second parameter of the constructor of Timer was compiled to the type String",
      ),
      expect.stringContaining(
        "The third parameter of the constructor of Timer was compiled to the type Object",
      ),
    ]);
    expect(problems[0]!.message).toMatch(
      /interface.*@inject.*"import type".*delay\(\(\) => Other\)\) on both sides/,
    );
  });

  test("of a token that is undefined is reported as a circular import", async () => {
    const missing = undefined as unknown as string;
    @Component()
    class Needy {
      constructor(@inject(missing) readonly other: object) {}
    }
    await expect(onlyProblemOf({ components: [Needy] })).resolves.toContain(
      "[VERNAL_UNINJECTABLE_PARAMETER] The first parameter of the constructor of Needy was compiled to the type undefined",
    );
  });

  test("of a type that was undefined when its class was defined is reported", async () => {
    class Needy {}
    Component()(Needy);
    Reflect.defineMetadata("design:paramtypes", [undefined], Needy);
    await expect(onlyProblemOf({ components: [Needy] })).resolves.toContain(
      "[VERNAL_UNINJECTABLE_PARAMETER] The first parameter of the constructor of Needy was compiled to the type undefined",
    );
  });

  test("without metadata is reported for a class that was compiled without types", async () => {
    const problem = await onlyProblemOf({ components: [untyped.UntypedHandler] });
    expect(problem).toContain("[VERNAL_MISSING_METADATA] The constructor of UntypedHandler has parameters");
    expect(problem).toContain('"emitDecoratorMetadata": esbuild, tsx and type stripping write no types.');
  });

  test("without metadata is reported for an undecorated base class", async () => {
    class Base {
      constructor(readonly bottom: Bottom) {}
    }
    @Component()
    class Derived extends Base {}
    await expect(onlyProblemOf({ components: [Derived] })).resolves.toMatch(
      /VERNAL_MISSING_METADATA.* The constructor of Base has parameters.*Decorate Base with @Component\(\)/,
    );
  });

  test("in a circle is reported with the circle", async () => {
    class Chicken {}
    class Egg {
      constructor(readonly chicken: Chicken) {}
    }
    Component()(Egg);
    Reflect.defineMetadata("design:paramtypes", [Chicken], Egg);
    Reflect.defineMetadata("design:paramtypes", [Egg], Chicken);
    await expect(onlyProblemOf({ components: [Egg] })).resolves.toMatch(
      /^\[VERNAL_DEPENDENCY_CYCLE\] Egg -> Chicken -> Egg need each other\. .*delay/,
    );
  });

  test("is checked behind a delay too", async () => {
    @Component()
    class Late {
      constructor(@inject("nowhere") readonly value: string) {}
    }
    @Component()
    class Early {
      constructor(@inject(delay(() => Late)) readonly late: object) {}
    }
    await expect(onlyProblemOf({ components: [Early] })).resolves.toContain(
      "VERNAL_MISSING_PROVIDER] Late needs",
    );
  });

  test("is checked for the classes of interceptors", async () => {
    class Guard implements HandshakeInterceptor {
      constructor(@inject("secret") readonly secret: string) {}
      beforeHandshake(): void {}
    }
    @WebSocketHandler("/ws/guarded", { interceptors: [Guard] })
    class GuardedHandler extends TextWebSocketHandler {}
    await expect(onlyProblemOf({ components: [GuardedHandler] })).resolves.toContain(
      '[VERNAL_MISSING_PROVIDER] Guard needs "secret" as the first parameter',
    );
  });

  class Bottom {}

  function chained(next: AnyClass): AnyClass {
    class Top {}
    Component()(Top);
    Reflect.defineMetadata("design:paramtypes", [next], Top);
    return Top;
  }
});

test("a getter of a handler is left alone while the report is made", async () => {
  @WebSocketHandler("/ws/getter")
  class GetterHandler extends TextWebSocketHandler {
    readonly names = ["v1"];
    constructor(@inject("nothing") readonly nothing: object) {
      super();
    }
    get subProtocols(): readonly string[] {
      return [...this.names];
    }
  }
  await expect(onlyProblemOf({ components: [GetterHandler] })).resolves.toContain("VERNAL_MISSING_PROVIDER");
});

test("a certificate that is none is reported", async () => {
  await expect(onlyProblemOf({ tls: { key: "chat.key", cert: "chat.pem" } })).resolves.toMatch(
    /^\[VERNAL_INVALID_TLS\] The option tls cannot be used: .+\. Give it what https\.createServer takes/,
  );
});

test("an address of another machine is reported", async () => {
  // RFC 5737 keeps it for documentation.
  await expect(onlyProblemOf({ host: "192.0.2.1" })).resolves.toBe(
    "[VERNAL_CANNOT_LISTEN] The server cannot listen on 192.0.2.1:0: this machine has no such address. " +
      "Leave the option host out to listen on all.",
  );
});

test("a port in use is reported after what was started is disposed", async () => {
  let disposed = false;
  @Component()
  class Pool {
    dispose(): void {
      disposed = true;
    }
  }
  const other = createServer().listen(0);
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const problem = await onlyProblemOf({ port, components: [Pool] });
  other.close();
  expect(problem).toBe(
    `[VERNAL_CANNOT_LISTEN] The server cannot listen on *:${port}: something listens there already. ` +
      "Stop it, or give another port (0 takes a free one).",
  );
  expect(disposed).toBe(true);
});
