import { startTestApplication } from "@vernal/testing";
import {
  Bean,
  Component,
  Configuration,
  delay,
  inject,
  InjectLogger,
  TextWebSocketHandler,
  WebSocketHandler,
  type AnyClass,
  type HandshakeInterceptor,
  type Logger,
} from "../src/index";
import { onlyProblemOf, reportOf } from "./fixtures/problems";

const untyped = jest.requireActual<Record<"UntypedHandler", AnyClass>>("./fixtures/compiled-by-esbuild.cjs");

class Plain extends TextWebSocketHandler {}

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

describe("injection", () => {
  test("of a base class that a component extends asks which one is meant", async () => {
    abstract class Clock {
      abstract now(): number;
    }
    @Component()
    class SystemClock extends Clock {
      now = (): number => 0;
    }
    @Component()
    class Timer {
      constructor(readonly clock: Clock) {}
    }
    await expect(onlyProblemOf({ components: [SystemClock, Timer] })).resolves.toBe(
      "[VERNAL_MISSING_PROVIDER] Timer needs Clock as the first parameter of its constructor, and nothing provides it: " +
        "SystemClock extends it, and is found by its own name only. Say which it is, by the option providers: " +
        "[{ token: Clock, useClass: SystemClock }]; or decorate Clock with @injectable() of @vernal/websocket if it is meant itself.",
    );
  });

  test("of the very class that a provider names needs no other one that extends it", async () => {
    class Clock {}
    @Component()
    class SystemClock extends Clock {}
    @Component()
    class Timers {
      constructor(
        @inject("first") readonly first: Clock,
        @inject("second") readonly second: Clock,
      ) {}
    }
    const providers = ["first", "second"].map((token) => ({ token, useClass: Clock }));
    await using application = await startTestApplication({ components: [SystemClock, Timers], providers });
    const { first, second } = application.get(Timers);
    expect([first.constructor, second.constructor]).toEqual([Clock, Clock]);
    expect(first).not.toBe(second);
    expect(application.log).not.toContainEqual(
      expect.objectContaining({ code: "VERNAL_SEPARATE_INSTANCES" }),
    );
  });

  test("of an arrow function, as where delay is forgotten, is reported", async () => {
    @Component()
    class Late {}
    @Component()
    class Early {
      constructor(@inject((() => Late) as never) readonly late: Late) {}
    }
    await expect(onlyProblemOf({ components: [Early, Late] })).resolves.toContain(
      "[VERNAL_MISSING_PROVIDER] Early needs an anonymous function as the first parameter of its constructor",
    );
  });

  test("of a bean into the class that makes it is a circle, with a way out of it", async () => {
    class Clock {}
    @Component()
    class Timer {
      constructor(readonly clock: Clock) {}
    }
    @Configuration()
    class ChatConfig {
      constructor(readonly timer: Timer) {}
      @Bean()
      clock(): Clock {
        return new Clock();
      }
    }
    await expect(onlyProblemOf({ components: [Timer, ChatConfig] })).resolves.toContain(
      "Timer -> ChatConfig.clock() -> ChatConfig -> Timer need each other. " +
        "Move ChatConfig.clock() to a @Configuration() class of its own; or let them meet through a third component",
    );
  });

  test("of two beans into each other is a circle that no other class mends", async () => {
    @Configuration()
    class ChatConfig {
      @Bean("rooms", ["members"])
      rooms(members: unknown): unknown[] {
        return [members];
      }
      @Bean("members", ["rooms"])
      members(rooms: unknown): unknown[] {
        return [rooms];
      }
    }
    await expect(onlyProblemOf({ components: [ChatConfig] })).resolves.toContain(
      "ChatConfig.rooms() -> ChatConfig.members() -> ChatConfig.rooms() need each other. Let them meet through",
    );
  });

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
    const called = `If it is a class, import it with "import" and not "import type"; if it is a function, ${token}.`;
    const any =
      `If it is an interface or a union (also "| undefined"), ${token}; if it is a class, import it with "import" and ` +
      `not "import type"; if two modules import each other, ${circle}`;
    expect(problems.map(({ message }) => message.replace(/^.*can be injected\. /, ""))).toEqual([
      any,
      called,
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
