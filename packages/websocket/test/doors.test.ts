import { EventEmitter } from "node:events";
import {
  broadcastRelayContract,
  registerContract,
  startTestApplication,
  until,
  type TestApplication,
  type TestClient,
} from "@vernal/testing";
import {
  BroadcastRelay,
  ClassMetadata,
  CloseStatus,
  Component,
  Configuration,
  DiscoveredComponents,
  EnableWebSocket,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketSessions,
  type AnyClass,
  type BroadcastEnvelope,
  type TextMessage,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
  type WebSocketSession,
} from "../src/index";

// A package on top of the framework as others would write it, with nothing but the public API: controllers whose methods
// are found by the first word of a message, and a relay between applications.

interface ControllerInfo {
  readonly path: string;
}

const CONTROLLER = new ClassMetadata<ControllerInfo>("@acme/controller");
const COMMANDS = new ClassMetadata<readonly string[]>("@acme/commands");

function Controller(path: string): (target: AnyClass) => void {
  return (target) => {
    Component()(target);
    CONTROLLER.write(target, { path });
  };
}

function Command(): (prototype: object, method: string) => void {
  return (prototype, method) => {
    const owner = prototype.constructor as AnyClass;
    COMMANDS.write(owner, [...(COMMANDS.read(owner) ?? []), method]);
  };
}

type CommandMethod = (session: WebSocketSession<object>, rest: string) => unknown;

class ControllerHandler extends TextWebSocketHandler {
  constructor(readonly commands: ReadonlyMap<string, CommandMethod>) {
    super();
  }

  override async handleTextMessage(
    session: WebSocketSession<object>,
    { payload }: TextMessage,
  ): Promise<void> {
    const [command = "", rest = ""] = payload.split(" ", 2);
    await this.commands.get(command)?.(session, rest);
  }
}

/** What the package asks its users to name in `components`. */
@Configuration()
@EnableWebSocket()
class ControllerSupport implements WebSocketConfigurer {
  constructor(readonly discovered: DiscoveredComponents) {}

  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    for (const target of this.discovered) {
      const info = CONTROLLER.read(target);
      if (info === undefined) continue;
      const commands = (COMMANDS.read(target) ?? []).map((name): [string, CommandMethod] => [
        name,
        (session, rest) => this.#call(target, name, session, rest),
      ]);
      registry
        .addHandler(new ControllerHandler(new Map(commands)), info.path)
        .setOptions({ maxMessageBytes: 1000 });
    }
  }

  #call(target: AnyClass, name: string, session: WebSocketSession<object>, rest: string): unknown {
    const controller = this.discovered.instanceOf(target) as Record<string, CommandMethod>;
    return controller[name]!(session, rest);
  }
}

@Controller("/ws/rooms")
class RoomController {
  constructor(readonly broadcaster: WebSocketBroadcaster) {}

  @Command()
  join(session: WebSocketSession<object>, room: string): void {
    session.join(room);
    void session.sendMessage(`joined ${room}`);
  }

  @Command()
  shout(session: WebSocketSession<object>, text: string): void {
    this.broadcaster.toGroup("all").except(session).send(text);
  }
}

/** Carries envelopes as JSON over a bus, as over a broker that gives everybody everything, its sender included. */
class BusRelay extends BroadcastRelay {
  static readonly bus = new EventEmitter();
  #deliver: ((envelope: BroadcastEnvelope) => void) | undefined;
  readonly #receive = (json: string): void => {
    this.#deliver?.(
      JSON.parse(json, (key, value: unknown) =>
        key === "payload" ? Buffer.from(value as string, "base64") : value,
      ) as BroadcastEnvelope,
    );
  };

  start(deliver: (envelope: BroadcastEnvelope) => void): void {
    this.#deliver = deliver;
    BusRelay.bus.on("envelope", this.#receive);
  }

  publish(envelope: BroadcastEnvelope): void | Promise<void> {
    const { action } = envelope;
    const plain =
      action.kind === "send"
        ? { ...action, payload: Buffer.from(action.payload).toString("base64") }
        : action;
    BusRelay.bus.emit("envelope", JSON.stringify({ ...envelope, action: plain }));
  }

  dispose(): void {
    BusRelay.bus.off("envelope", this.#receive);
  }
}

function start(): Promise<TestApplication> {
  return startTestApplication({
    components: [ControllerSupport, RoomController],
    providers: [{ token: BroadcastRelay, useClass: BusRelay }],
  });
}

async function join(application: TestApplication, room: string): Promise<TestClient> {
  const client = await application.connect("/ws/rooms");
  client.send(`join ${room}`);
  expect(await client.next()).toBe(`joined ${room}`);
  return client;
}

registerContract(
  "a relay on top of the public API, as of a broker that gives everybody everything",
  broadcastRelayContract({ create: () => new BusRelay() }),
);

describe("a package on top of the public API", () => {
  it("finds its own decorated classes and registers handlers for them, with limits of its own", async () => {
    await using application = await start();
    const [one, other] = [await join(application, "all"), await join(application, "all")];
    one.send("shout hello");
    expect(await other.next()).toBe("hello");
    one.send("x".repeat(1001));
    expect((await one.closed()).code).toBe(1009);
    await other.close();
  });

  it("relays broadcasts between applications: once each, without the excepted, closes too", async () => {
    await using first = await start();
    await using second = await start();
    const [a, b, c] = [await join(first, "all"), await join(first, "all"), await join(second, "all")];
    a.send("shout hello");
    expect([await b.next(), await c.next()]).toEqual(["hello", "hello"]);
    const [sessionC] = second.get(WebSocketSessions);
    const broadcaster = first.get(WebSocketBroadcaster);
    expect(broadcaster.toGroup("all").except(sessionC!.id).send(Buffer.from("not c"))).toBe(2);
    expect(broadcaster.toAll().send("everybody")).toBe(2);
    expect(await c.next()).toBe("everybody");
    expect([await a.next(), await a.next()]).toEqual([Buffer.from("not c"), "everybody"]);
    expect(broadcaster.toPath("/ws/rooms").close(new CloseStatus(4001, "over"))).toBe(2);
    expect(await c.closed()).toEqual(new CloseStatus(4001, "over"));
    expect(b.received).toEqual(["joined all", "hello", Buffer.from("not c"), "everybody"]);
  });

  it("has its relay started before what broadcasts and disposed after it, also one that was given", async () => {
    const log: string[] = [];
    class Logging extends BroadcastRelay {
      start(deliver: unknown): void {
        log.push(`relay starts with a ${typeof deliver}`);
      }
      publish({ action }: BroadcastEnvelope): void {
        log.push(
          `published ${action.kind === "send" ? Buffer.from(action.payload).toString() : action.code}`,
        );
      }
      dispose(): void {
        log.push("relay disposed");
      }
    }
    @Component()
    class Announcer {
      constructor(readonly broadcaster: WebSocketBroadcaster) {}
      start(): void {
        this.broadcaster.toAll().send("good morning");
      }
      dispose(): void {
        this.broadcaster.toAll().send("good night");
        this.broadcaster.toAll().close();
      }
    }
    await using made = await startTestApplication({
      components: [Announcer],
      providers: [{ token: BroadcastRelay, useClass: Logging }],
    });
    await made.close();
    const lines = [
      "relay starts with a function",
      "published good morning",
      "published good night",
      "published 1000",
    ];
    expect(log).toEqual([...lines, "relay disposed"]);

    log.length = 0;
    await using given = await startTestApplication({
      components: [Announcer],
      providers: [{ token: BroadcastRelay, useValue: new Logging() }],
    });
    await given.close();
    expect(log).toEqual(lines);
  });

  it("takes a component as its relay, starts it once under all its names, and does without one that is null", async () => {
    const log: string[] = [];
    @Component()
    class Own extends BroadcastRelay {
      start(): void {
        log.push("started");
      }
      publish(): void {
        log.push("published");
      }
      dispose(): void {
        log.push("disposed");
      }
    }
    await using byItself = await startTestApplication({ components: [Own] });
    byItself.get(WebSocketBroadcaster).toAll().send("x");
    await byItself.close();
    expect(log).toEqual(["started", "published", "disposed"]);

    log.length = 0;
    await using named = await startTestApplication({
      components: [Own],
      providers: [
        { token: BroadcastRelay, useClass: Own },
        { token: "alias", inject: [BroadcastRelay], useFactory: (relay: BroadcastRelay) => relay },
      ],
    });
    await named.close();
    expect(log).toEqual(["started", "disposed"]);

    log.length = 0;
    await using without = await startTestApplication({
      components: [Own],
      overrides: [{ token: BroadcastRelay, useValue: null }],
    });
    without.get(WebSocketBroadcaster).toAll().send("x");
    expect(log).toEqual(["started"]);
  });

  it("is not hurt by a relay that fails, or by envelopes that are none", async () => {
    class Failing extends BusRelay {
      override publish(): Promise<void> {
        return Promise.reject(new Error("the broker is away"));
      }
    }
    await using application = await startTestApplication({
      components: [ControllerSupport, RoomController],
      providers: [{ token: BroadcastRelay, useClass: Failing }],
    });
    const client = await join(application, "all");
    for (const envelope of [
      null,
      7,
      {},
      { version: 2 },
      { version: 1, node: "x", except: 5, target: {}, action: {} },
    ]) {
      BusRelay.bus.emit("envelope", JSON.stringify(envelope));
    }
    expect(application.get(WebSocketBroadcaster).toGroup("all").send("still here")).toBe(1);
    expect(await client.next()).toBe("still here");
    await until("the failure to be logged", () =>
      application.log.some(({ msg }) => msg === "BroadcastRelay.publish failed"),
    );
    expect(application.log.some(({ msg }) => msg === "an envelope of the BroadcastRelay is malformed")).toBe(
      true,
    );
    await client.close();
  });

  it("delivers nothing and publishes nothing where no relay is provided", async () => {
    await using application = await startTestApplication({ components: [ControllerSupport, RoomController] });
    const client = await join(application, "all");
    expect(application.get(WebSocketBroadcaster).toAll().send("alone")).toBe(1);
    expect(await client.next()).toBe("alone");
    await client.close();
  });
});
