import { EventEmitter } from "node:events";
import { startTestApplication } from "@vernal/testing";
import {
  Component,
  delay,
  inject,
  injectable,
  injectAll,
  InjectLogger,
  TextMessage,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  WebSocketSessions,
  type AnyClass,
  type Logger,
  type WebSocketSession,
} from "../src/index";
import { container, singleton } from "tsyringe";

const { History, NamedHandler } = jest.requireActual<Record<"History" | "NamedHandler", AnyClass>>(
  "./fixtures/compiled-by-esbuild.cjs",
);

afterEach(() => container.reset());

@Component()
class Clock {
  readonly made = {};
}

@Component()
class Rooms {
  constructor(readonly clock: Clock) {}
}

it("makes a class without dependencies once, also for who asks the container for it before its turn", async () => {
  @Component()
  class Registry {}
  @Component()
  class Plugin {
    constructor(@inject("lookup") readonly registry: object) {}
  }
  container.register("lookup", { useFactory: (asked) => asked.resolve(Registry) });
  await using application = await startTestApplication({ components: [Plugin, Registry] });
  expect(application.get(Plugin).registry).toBe(application.get(Registry));
});

it("gives a component once among all values of its class, with dependencies or without, whoever was made first", async () => {
  @Component()
  class Asking {
    constructor(
      @injectAll(Clock) readonly clocks: readonly Clock[],
      @injectAll(Rooms) readonly rooms: readonly Rooms[],
    ) {}
  }
  for (const components of [
    [Clock, Rooms, Asking],
    [Rooms, Asking, Clock],
  ]) {
    await using application = await startTestApplication({ components });
    const { clocks, rooms } = application.get(Asking);
    expect(clocks).toEqual([application.get(Clock)]);
    expect(rooms).toEqual([application.get(Rooms)]);
  }
});

describe("constructor injection", () => {
  test("reaches a handler over a socket, with the services of the framework", async () => {
    @WebSocketHandler("/ws/count")
    class CountHandler extends TextWebSocketHandler {
      constructor(
        private readonly sessions: WebSocketSessions,
        private readonly broadcaster: WebSocketBroadcaster,
        @InjectLogger() private readonly logger: Logger,
        readonly rooms: Rooms,
      ) {
        super();
      }

      override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
        this.logger.info("asked");
        this.broadcaster.toAll().send(new TextMessage(`${message.payload} ${this.sessions.size}`));
      }
    }
    await using application = await startTestApplication({ components: [CountHandler] });
    const [first, second] = [await application.connect("/ws/count"), await application.connect("/ws/count")];
    first.send("open:");
    await expect(second.next()).resolves.toBe("open: 2");
    expect(application.log.find(({ msg }) => msg === "asked")).toMatchObject({ component: "CountHandler" });
  });

  test("gives one instance of a component to all, whatever the order of the list", async () => {
    @Component()
    class Board {
      constructor(
        readonly rooms: Rooms,
        readonly clock: Clock,
      ) {}
    }
    await using application = await startTestApplication({ components: [Board, Clock, Rooms] });
    const board = application.get(Board);
    expect(board.rooms).toBe(application.get(Rooms));
    expect(board.clock).toBe(board.rooms.clock);
    expect(application.get(Clock)).toBe(board.clock);
  });

  test("takes a token of the global container and all values of a token", async () => {
    container.register("greeting", { useValue: "hello" });
    container.register("number", { useValue: 1 });
    container.register("number", { useValue: 2 });
    @Component()
    class Greeter {
      constructor(
        @inject("greeting") readonly greeting: string,
        @injectAll("number") readonly numbers: readonly number[],
        @inject("missing", { isOptional: true }) readonly missing: string | undefined,
      ) {}
    }
    await using application = await startTestApplication({ components: [Greeter] });
    expect(application.get(Greeter)).toEqual({ greeting: "hello", numbers: [1, 2], missing: undefined });
    expect(application.get("greeting")).toBe("hello");
  });

  test("takes classes of tsyringe: @injectable() is made for each, @singleton() once per process", async () => {
    @injectable()
    class Transient {
      constructor(readonly clock: Clock) {}
    }
    @singleton()
    class OfTheProcess {}
    @Component()
    class One {
      constructor(
        readonly transient: Transient,
        readonly process: OfTheProcess,
      ) {}
    }
    @Component()
    class Two {
      constructor(
        readonly transient: Transient,
        readonly process: OfTheProcess,
      ) {}
    }
    await using application = await startTestApplication({ components: [One, Two] });
    const [one, two] = [application.get(One), application.get(Two)];
    expect(one.transient).not.toBe(two.transient);
    expect(one.transient.clock).toBe(two.transient.clock);
    expect(one.process).toBe(two.process);
    await using other = await startTestApplication({ components: [One] });
    expect(other.get(One).process).toBe(one.process);
  });

  test("makes a component the application's own where the global container has one too", async () => {
    const started: string[] = [];
    @Component()
    @singleton()
    class Both {
      start(): void {
        started.push("Both");
      }
    }
    @Component()
    class User {
      constructor(readonly both: Both) {}
      start(): void {
        started.push("User");
      }
    }
    await using application = await startTestApplication({ components: [User, Both] });
    expect(application.get(User).both).toBe(application.get(Both));
    expect(started).toEqual(["Both", "User"]);
    expect(container.resolve(Both)).not.toBe(application.get(Both));
  });

  test("uses the constructor of a decorated base class, and the logger has the subclass's name", async () => {
    @Component()
    abstract class Base {
      constructor(
        readonly clock: Clock,
        @InjectLogger() readonly logger: Logger,
      ) {}
    }
    @Component()
    class Left extends Base {}
    @Component()
    class Right extends Base {}
    await using application = await startTestApplication({ components: [Left, Right] });
    application.get(Left).logger.info("left");
    application.get(Right).logger.info("right");
    expect(application.get(Left).clock).toBe(application.get(Clock));
    expect(application.log.find(({ msg }) => msg === "left")).toMatchObject({ component: "Left" });
    expect(application.log.find(({ msg }) => msg === "right")).toMatchObject({ component: "Right" });
  });

  test("leaves the options of a built-in base class alone", async () => {
    @Component()
    class Bus extends EventEmitter {}
    @Component()
    class Failure extends Error {}
    await using application = await startTestApplication({ components: [Bus, Failure] });
    expect(application.get(Bus).listenerCount("x")).toBe(0);
  });

  test("needs no metadata where every parameter names its token", async () => {
    for (const _ of [1, 2]) {
      await using application = await startTestApplication({ components: [NamedHandler] });
      expect(application.get(NamedHandler)).toMatchObject({ history: application.get(History) });
    }
  });

  test("works in a circle with delay() on both sides, without a second instance", async () => {
    // Reached by nothing but the delay, and used by the constructor before its turn.
    @Component()
    class Parent {
      readonly seen: Child;
      constructor(@inject(delay(() => Child)) readonly child: { self(): Child }) {
        this.seen = child.self();
      }
    }
    @Component()
    class Child {
      readonly made = {};
      constructor(@inject(delay(() => Parent)) readonly parent: { readonly child: unknown }) {}
      self(): Child {
        return this;
      }
    }
    await using application = await startTestApplication({ components: [Parent] });
    const child = application.get(Child);
    expect(application.get(Parent).seen.made).toBe(child.made);
    expect(child.parent.child).toBe(application.get(Parent).child);
  });
});

test("two applications share nothing", async () => {
  await using one = await startTestApplication({ components: [Rooms] });
  await using two = await startTestApplication({ components: [Rooms] });
  expect(one.get(Rooms)).not.toBe(two.get(Rooms));
  expect(one.get(Rooms).clock).not.toBe(two.get(Rooms).clock);
  expect(one.get(WebSocketSessions)).not.toBe(two.get(WebSocketSessions));
  expect(container.isRegistered(Rooms)).toBe(false);
});

describe("life", () => {
  test("starts in the order of dependencies before the port opens and ends in reverse, awaited", async () => {
    const log: string[] = [];
    class Lived {
      async start(): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`start ${this.constructor.name}`);
      }
      async dispose(): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`dispose ${this.constructor.name}`);
      }
    }
    @Component()
    class Base extends Lived {}
    @Component()
    class Middle extends Lived {
      constructor(readonly base: Base) {
        super();
      }
    }
    @WebSocketHandler("/ws/top")
    class Top extends TextWebSocketHandler {
      constructor(readonly middle: Middle) {
        super();
      }
      start(): void {
        log.push("start Top");
      }
      dispose(): void {
        log.push("dispose Top");
      }
    }
    await using application = await startTestApplication({ components: [Top, Base] });
    expect(log).toEqual(["start Base", "start Middle", "start Top"]);
    log.length = 0;
    await Promise.all([application.close(), application.close()]);
    expect(log).toEqual(["dispose Top", "dispose Middle", "dispose Base"]);
  });

  test("a failing dispose is logged with its class, and the rest goes on", async () => {
    let disposed = false;
    @Component()
    class Quiet {
      dispose(): void {
        disposed = true;
      }
    }
    @Component()
    class Loud {
      constructor(readonly quiet: Quiet) {}
      dispose(): void {
        throw new Error("stuck");
      }
    }
    await using application = await startTestApplication({ components: [Loud] });
    await application.close();
    expect(disposed).toBe(true);
    expect(application.log.find(({ msg }) => msg === "dispose failed")).toMatchObject({
      component: "Loud",
      err: { message: "stuck" },
    });
  });
});
