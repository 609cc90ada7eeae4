import { startTestApplication, until } from "@vernal/testing";
import {
  Component,
  TextWebSocketHandler,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { onlyProblemOf } from "./fixtures/problems";
import { closeApplications } from "./harness/application";
import { serve } from "./harness/serve";

const log: string[] = [];
let made = 0;
let failing = false;

@Component()
class Shared {
  count = 0;
}

@WebSocketHandler("/ws", { scope: "connection", subProtocols: ["counter"] })
class Counter extends TextWebSocketHandler {
  readonly #id = (made += 1);
  #count = 0;

  constructor(readonly shared: Shared) {
    super();
    if (failing) throw new Error("no instance today");
    log.push(`made ${this.#id}`);
  }

  override async handleTextMessage(session: WebSocketSession, _message: TextMessage): Promise<void> {
    this.#count += 1;
    this.shared.count += 1;
    await session.sendMessage(`${this.#id}: ${this.#count} of ${this.shared.count}`);
  }

  override async afterConnectionClosed(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`closed ${this.#id}`);
  }

  async dispose(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`disposed ${this.#id}`);
  }
}

beforeEach(() => {
  log.length = 0;
  made = 0;
  failing = false;
});

afterEach(closeApplications);

describe('a handler with scope "connection"', () => {
  it("is one instance for each connection, which shares the components", async () => {
    await using application = await startTestApplication({ components: [Counter] });
    expect(made).toBe(0);
    const first = await application.connect("/ws", { subProtocols: ["other", "counter"] });
    const second = await application.connect("/ws");
    expect(first.acceptedProtocol).toBe("counter");
    first.send("x");
    expect(await first.next()).toBe("1: 1 of 1");
    second.send("x");
    expect(await second.next()).toBe("2: 1 of 2");
    first.send("x");
    expect(await first.next()).toBe("1: 2 of 3");
  });

  it("is disposed exactly once, after afterConnectionClosed", async () => {
    await using application = await startTestApplication({ components: [Counter] });
    const client = await application.connect("/ws");
    client.terminate();
    await until("the end", () => log.includes("disposed 1"));
    await application.close();
    expect(log).toEqual(["made 1", "closed 1", "disposed 1"]);
  });

  it("is disposed before the components that it uses, and close waits for that", async () => {
    @Component()
    class Database {
      dispose(): void {
        log.push("database disposed");
      }
    }
    const application = await startTestApplication({ components: [Counter, Database] });
    await application.connect("/ws");
    await application.close();
    expect(log).toEqual(["made 1", "closed 1", "disposed 1", "database disposed"]);
  });

  it("answers 500 where its constructor throws, and logs why", async () => {
    await using application = await startTestApplication({ components: [Counter] });
    failing = true;
    expect(await application.refusal("/ws")).toMatchObject({ status: 500, body: "" });
    expect(application.log).toContainEqual(expect.objectContaining({ level: 50, path: "/ws" }));
    failing = false;
    await application.connect("/ws");
  });

  it("is registered by its class, and a handler of the application by an instance", async () => {
    class Plain extends TextWebSocketHandler {}
    await expect(
      serve(new Plain(), { scope: "connection" }).catch((error: Error) => error.message),
    ).resolves.toContain("[VERNAL_SCOPE_NEEDS_CLASS] Plain (registered by Config) is one instance");
    @WebSocketHandler("/ws/wrong", { scope: "connection" })
    class NeedsMore extends TextWebSocketHandler {
      constructor(readonly missing: Map<string, string>) {
        super();
      }
    }
    await expect(onlyProblemOf({ components: [NeedsMore] })).resolves.toContain(
      "[VERNAL_UNINJECTABLE_PARAMETER] The first parameter of the constructor of NeedsMore",
    );
  });
});
