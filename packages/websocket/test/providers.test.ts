import { startTestApplication } from "@vernal/testing";
import {
  Bean,
  Component,
  Configuration,
  DiscoveredComponents,
  EnableWebSocket,
  Import,
  inject,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  type HandshakeInterceptor,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
  type WebSocketSession,
} from "../src/index";
// After the framework, which brings the polyfill that tsyringe asks for.
import { container as globalContainer } from "tsyringe";
import { onlyProblemOf, reportOf } from "./fixtures/problems";

abstract class Clock {
  abstract now(): string;
}

class FixedClock extends Clock {
  now(): string {
    return "noon";
  }
}

class Pool {
  constructor(readonly url: string) {}
}

/** Writes down what happens to it. */
class Recorded {
  constructor(
    readonly name: string,
    readonly log: string[],
  ) {
    log.push(`made ${name}`);
  }
  start(): void {
    this.log.push(`started ${this.name}`);
  }
  dispose(): void {
    this.log.push(`disposed ${this.name}`);
  }
}

describe("providers", () => {
  it("give values, classes and the results of factories, asynchronous ones awaited, in dependency order", async () => {
    @Component()
    class Service {
      constructor(
        readonly clock: Clock,
        readonly pool: Pool,
        @inject("limit") readonly limit: number,
      ) {}
    }
    await using application = await startTestApplication({
      components: [Service],
      providers: [
        {
          token: Pool,
          inject: ["url"],
          useFactory: async (url: string) => {
            await new Promise((resolve) => setImmediate(resolve));
            return new Pool(url);
          },
        },
        { token: "limit", useValue: 7 },
        {
          token: "url",
          inject: ["host", Clock],
          useFactory: (host: string, clock: Clock) => `${host}@${clock.now()}`,
        },
        { token: "host", useValue: "db" },
        { token: Clock, useClass: FixedClock },
      ],
    });
    const service = application.get(Service);
    expect([service.clock.now(), service.pool.url, service.limit]).toEqual(["noon", "db@noon", 7]);
    expect(application.get(Pool)).toBe(service.pool);
    expect(application.get(Clock)).toBe(service.clock);
  });

  it("give a component's one instance another token", async () => {
    @Component()
    class Wall extends Clock {
      now(): string {
        return "late";
      }
    }
    await using application = await startTestApplication({
      components: [Wall],
      providers: [{ token: Clock, useClass: Wall }],
    });
    expect(application.get(Clock)).toBe(application.get(Wall));
  });

  it("are started and disposed as components are: what Vernal made by itself, values by their own function", async () => {
    const log: string[] = [];
    @Component()
    class Last {
      constructor(
        @inject("first") readonly first: Recorded,
        @inject("value") readonly value: Recorded,
        @inject("explicit") readonly explicit: Recorded,
      ) {}
      start(): void {
        log.push("started last");
      }
      dispose(): Promise<void> {
        return new Promise((resolve) => setImmediate(() => resolve(void log.push("disposed last"))));
      }
    }
    const value = new Recorded("value", log);
    await using application = await startTestApplication({
      components: [Last],
      providers: [
        { token: "first", useFactory: () => new Recorded("first", log) },
        { token: "value", useValue: value },
        {
          token: "explicit",
          useValue: value,
          dispose: (each: Recorded) => void log.push(`ended ${each.name}`),
        },
      ],
    });
    await application.close();
    expect(log).toEqual([
      "made value",
      "made first",
      "started first",
      "started last",
      "disposed last",
      "ended value",
      "disposed first",
    ]);
  });

  it("that are other names of one thing have it started and disposed once, and never what was given", async () => {
    const log: string[] = [];
    @Component()
    class Own extends Recorded {
      constructor() {
        super("component", log);
      }
    }
    const given = new Recorded("given", log);
    class Single extends Recorded {
      constructor() {
        super("single", log);
      }
    }
    await using application = await startTestApplication({
      components: [Own],
      providers: [
        { token: Single, useFactory: () => new Single() },
        { token: "alias of single", inject: [Single], useFactory: (each: Single) => each },
        { token: "alias of the component", inject: [Own], useFactory: (each: Own) => each },
        { token: "given", useValue: given },
        { token: "alias of the given", inject: ["given"], useFactory: (each: Recorded) => each },
        { token: "promise", useValue: Promise.resolve(1) },
      ],
    });
    expect(application.get("promise")).toBeInstanceOf(Promise);
    log.length = 0;
    await application.close();
    expect(log.sort()).toEqual(["disposed component", "disposed single"]);
  });

  it("may be null or undefined, and are reported where they have no form of a provider", async () => {
    await using application = await startTestApplication({
      providers: [
        { token: "nothing", useValue: null },
        { token: "undefined", useFactory: () => undefined },
        {
          token: "both",
          inject: ["nothing", "undefined"],
          useFactory: (...values: unknown[]) => values,
        },
      ],
    });
    expect(application.get("both")).toEqual([null, undefined]);
    const { problems } = await reportOf({
      providers: [
        { token: "a", useValue: 1, dispose: "x" as never },
        { token: "b", useFactory: () => 1, inject: "x" as never },
      ],
      scan: [undefined as never],
    });
    expect(problems.map(({ code }) => code)).toEqual([
      "VERNAL_OPTION_OUT_OF_RANGE",
      "VERNAL_INVALID_PROVIDER",
      "VERNAL_INVALID_PROVIDER",
    ]);
  });

  it("do not replace the services of the framework; overrides do", async () => {
    const broadcaster = {} as WebSocketBroadcaster;
    await expect(
      onlyProblemOf({ providers: [{ token: WebSocketBroadcaster, useValue: broadcaster }] }),
    ).resolves.toContain("[VERNAL_DUPLICATE_PROVIDER] WebSocketBroadcaster is provided twice, by Vernal");
  });

  it("are made once, also where an interceptor that is named by its class needs them", async () => {
    const log: string[] = [];
    class Guard implements HandshakeInterceptor {
      constructor(readonly database: Recorded) {}
      beforeHandshake(): void {}
    }
    inject("database")(Guard, undefined, 0);
    @WebSocketHandler("/ws", { interceptors: [Guard] })
    class Handler extends TextWebSocketHandler {
      constructor(@inject("database") readonly database: Recorded) {
        super();
      }
    }
    await using application = await startTestApplication({
      components: [Handler],
      providers: [{ token: "database", useFactory: () => new Recorded("database", log) }],
    });
    expect(application.get(Guard).database).toBe(application.get(Handler).database);
    await application.close();
    expect(log).toEqual(["made database", "started database", "disposed database"]);
  });

  it("that fail are reported, and what was made before is disposed in reverse", async () => {
    const log: string[] = [];
    const problem = await onlyProblemOf({
      providers: [
        { token: "a", useFactory: () => new Recorded("a", log) },
        { token: "b", inject: ["a"], useFactory: () => new Recorded("b", log) },
        {
          token: "c",
          inject: ["b"],
          useFactory: () => Promise.reject(new Error("no route to the database")),
        },
      ],
    });
    expect(problem).toBe(
      '[VERNAL_FACTORY_FAILED] The factory of "c" failed: no route to the database. ' +
        "Mend it; what had been made before was disposed.",
    );
    expect(log).toEqual(["made a", "made b", "disposed b", "disposed a"]);
  });

  it("are checked: duplicates, rubbish, missing tokens, circles", async () => {
    @Component()
    class Twice {}
    const { problems } = await reportOf({
      components: [Twice],
      providers: [
        { token: "a", useValue: 1 },
        { token: "a", useValue: 2 },
        { token: Twice, useValue: new Twice() },
        { token: "b" } as never,
        undefined as never,
        { token: "c", inject: ["nowhere"], useFactory: (each: unknown) => each },
        { token: "d", inject: ["e"], useFactory: (each: unknown) => each },
        { token: "e", inject: ["d"], useFactory: (each: unknown) => each },
      ],
    });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("[VERNAL_INVALID_PROVIDER] The option providers holds an object (Object)"),
      expect.stringContaining("[VERNAL_INVALID_PROVIDER] The option providers holds undefined"),
      expect.stringContaining('[VERNAL_DUPLICATE_PROVIDER] "a" is provided twice'),
      expect.stringContaining("[VERNAL_DUPLICATE_PROVIDER] Twice is provided twice, by its own decorator"),
      expect.stringContaining(
        '[VERNAL_MISSING_PROVIDER] The factory of "c" needs "nowhere" as its first parameter, and nothing provides it.',
      ),
      expect.stringContaining(
        '[VERNAL_DEPENDENCY_CYCLE] The factory of "d" -> The factory of "e" -> The factory of "d" need each other.',
      ),
    ]);
  });
});

describe("overrides", () => {
  it("win over components, providers, beans and the framework's own services", async () => {
    const log: string[] = [];
    @Component()
    class Mailer {
      constructor() {
        log.push("the real mailer");
      }
    }
    @WebSocketHandler("/ws")
    class Handler extends TextWebSocketHandler {
      constructor(
        readonly mailer: Mailer,
        readonly clock: Clock,
        readonly broadcaster: WebSocketBroadcaster,
      ) {
        super();
      }
    }
    const fake = {};
    const broadcaster = {} as WebSocketBroadcaster;
    await using application = await startTestApplication({
      components: [Mailer, Handler],
      providers: [{ token: Clock, useFactory: () => Promise.reject(new Error("never called")) }],
      overrides: [
        { token: Mailer, useValue: fake },
        { token: Clock, useClass: FixedClock },
        { token: WebSocketBroadcaster, useValue: broadcaster },
      ],
    });
    const handler = application.get(Handler);
    expect([handler.mailer, handler.clock.now(), handler.broadcaster]).toEqual([fake, "noon", broadcaster]);
    expect(log).toEqual([]);
  });
});

describe("an override of a handler with an instance for each connection", () => {
  it("is one object for all of them", async () => {
    @WebSocketHandler("/ws", { scope: "connection" })
    class Real extends TextWebSocketHandler {}
    class Fake extends TextWebSocketHandler {
      override async afterConnectionEstablished(session: WebSocketSession<object>): Promise<void> {
        await session.sendMessage("fake");
      }
    }
    await using application = await startTestApplication({
      components: [Real],
      overrides: [{ token: Real, useClass: Fake }],
    });
    const client = await application.connect("/ws");
    expect(await client.next()).toBe("fake");
    await client.close();

    @Configuration()
    @EnableWebSocket()
    class Config implements WebSocketConfigurer {
      registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
        registry.addHandler(Real, "/ws/too").setOptions({ scope: "connection" });
      }
    }
    await using other = await startTestApplication({
      components: [Config],
      overrides: [{ token: Real, useValue: new Fake() }],
    });
    const visitor = await other.connect("/ws/too");
    expect(await visitor.next()).toBe("fake");
    await visitor.close();
  });
});

describe("@Bean", () => {
  it("is inherited, and reported where the types of its parameters are unknown", async () => {
    class Base {
      @Bean("inherited")
      inherited(): string {
        return "from the base";
      }
    }
    @Configuration()
    class Derived extends Base {
      @Bean("arrow")
      arrow = () => "of an arrow function";
    }
    @Configuration()
    class MoreDerived extends Derived {}
    await using application = await startTestApplication({
      components: [Base, Derived, MoreDerived],
    });
    expect(application.get("inherited")).toBe("from the base");
    expect(application.get("arrow")).toBe("of an arrow function");

    class Untyped {
      pair(_first: unknown, _second: unknown): string {
        return "";
      }
    }
    Bean("pair", ["only one"])(Untyped.prototype, "pair");
    Configuration()(Untyped);
    await expect(onlyProblemOf({ components: [Untyped] })).resolves.toContain(
      "[VERNAL_BEAN_PARAMETERS_UNKNOWN] Untyped.pair() takes 2 parameters, and what to inject is known for 1 of them.",
    );
  });

  it("provides what methods of a configuration return, found by their return types or by tokens", async () => {
    @Configuration()
    class DataConfig {
      constructor(@inject("host") readonly host: string) {}

      @Bean()
      pool(clock: Clock): Pool {
        return new Pool(`${this.host} at ${clock.now()}`);
      }

      @Bean("greeting", ["host", Pool])
      async greeting(host: string, pool: Pool): Promise<string> {
        await Promise.resolve();
        return `${host}: ${pool.url}`;
      }
    }
    await using application = await startTestApplication({
      components: [DataConfig],
      providers: [
        { token: "host", useValue: "db" },
        { token: Clock, useClass: FixedClock },
      ],
    });
    expect(application.get(Pool)).toEqual(new Pool("db at noon"));
    expect(application.get("greeting")).toBe("db: db at noon");
  });

  it("is reported where its token is unknown, its class no configuration, or a parameter cannot be injected", async () => {
    @Configuration()
    class Wrong {
      @Bean()
      async later(): Promise<Pool> {
        return Promise.resolve(new Pool(""));
      }
      @Bean("ok")
      withInterface(_options: { readonly a: 1 }): string {
        return "";
      }
    }
    @Component()
    class NoConfiguration {
      @Bean()
      pool(): Pool {
        return new Pool("");
      }
    }
    const { problems } = await reportOf({ components: [Wrong, NoConfiguration] });
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("[VERNAL_BEAN_OUTSIDE_CONFIGURATION] NoConfiguration has @Bean() methods"),
      expect.stringContaining(
        "[VERNAL_BEAN_WITHOUT_TOKEN] Wrong.later() was compiled to the return type Promise",
      ),
      expect.stringContaining(
        "[VERNAL_UNINJECTABLE_PARAMETER] The first parameter of Wrong.withInterface() was compiled to the type Object",
      ),
    ]);
  });
});

describe("@Import and DiscoveredComponents", () => {
  it("bring classes along, also those that imported classes import, each once", async () => {
    @WebSocketHandler("/ws/deep")
    class Deep extends TextWebSocketHandler {}
    @Import(Deep)
    @Component()
    class Middle {}
    @Import(Middle, Deep)
    @Configuration()
    class Top {}
    await using application = await startTestApplication({ components: [Top] });
    expect([...application.get(DiscoveredComponents)]).toEqual([Top, Middle, Deep]);
    expect(application.get(Deep)).toBeInstanceOf(Deep);
  });

  it("is reported where it names what is no component", async () => {
    class Plain {}
    @Import(Plain)
    @Configuration()
    class Top {}
    await expect(onlyProblemOf({ components: [Top] })).resolves.toContain(
      "[VERNAL_NOT_A_COMPONENT] @Import on Top names Plain, which carries no decorator",
    );
  });

  it("are not what an injected handler comes by: a warning names it, and its path is not served", async () => {
    @WebSocketHandler("/ws/hidden")
    class Hidden extends TextWebSocketHandler {}
    @Component()
    class User {
      constructor(readonly hidden: Hidden) {}
    }
    await using application = await startTestApplication({ components: [User] });
    expect(application.log).toContainEqual(
      expect.objectContaining({ level: 40, code: "VERNAL_UNREACHABLE_HANDLER" }),
    );
  });
});

describe("the option container", () => {
  it("is the parent in place of the global one; tsyringe's own decorators work beside ours", async () => {
    const parent = globalContainer.createChildContainer();
    parent.register("dsn", { useValue: "of the parent" });
    @Component()
    class Service {
      constructor(@inject("dsn") readonly dsn: string) {}
    }
    await using one = await startTestApplication({ components: [Service], container: parent });
    await using other = await startTestApplication({
      components: [Service],
      providers: [{ token: "dsn", useValue: "of its own" }],
    });
    expect(one.get(Service).dsn).toBe("of the parent");
    expect(other.get(Service).dsn).toBe("of its own");
    expect(parent.isRegistered(Service)).toBe(false);
    expect(globalContainer.isRegistered(Service)).toBe(false);
  });
});
