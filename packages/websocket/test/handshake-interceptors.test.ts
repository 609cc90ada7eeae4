import type { Socket } from "node:net";
import {
  Component,
  Configuration,
  EnableWebSocket,
  refuse,
  TextWebSocketHandler,
  WebSocketHandler,
  type HandshakeHandler,
  type HandshakeInterceptor,
  type Refusal,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { leave, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { until } from "./harness/until";

const log: string[] = [];
const { logger, lines } = recordingLogger("error");

/** Notes its calls; `answer` stands for what `beforeHandshake` does. */
function noting(
  name: string,
  answer: () => void | Refusal | Promise<void | Refusal> = () => {},
): HandshakeInterceptor {
  return {
    beforeHandshake: () => {
      log.push(`${name} before`);
      return answer();
    },
    afterHandshake: (_, error) => {
      const outcome = error instanceof Error ? error.message : (error as Refusal | undefined)?.status;
      log.push(`${name} after${outcome === undefined ? "" : `: ${outcome}`}`);
    },
  };
}
const later = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const userHandler: HandshakeHandler = {
  selectProtocol: () => void log.push("protocol"),
  determineUser: () => {
    log.push("user");
    return { name: "ada" };
  },
};

class Noting extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession): void {
    log.push("established");
    sessions.push(session);
  }
}
const sessions: WebSocketSession[] = [];

@Component()
class Greeter {
  greet(name: string): string {
    return `hello ${name}`;
  }
}

@Component()
class InjectedInterceptor implements HandshakeInterceptor {
  static made = 0;
  constructor(private readonly greeter: Greeter) {
    InjectedInterceptor.made += 1;
  }
  beforeHandshake(_: unknown, attributes: WebSocketSession["attributes"]): void {
    attributes.set("greeting", this.greeter.greet("ada"));
  }
}
@WebSocketHandler("/decorated", { interceptors: [InjectedInterceptor, noting("a")] })
class Decorated extends Noting {}

@Configuration()
@EnableWebSocket()
class Endpoints implements WebSocketConfigurer {
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    const add = (path: string) => registry.addHandler(new Noting(), path);
    add("/passes")
      .addInterceptors(noting("a"), noting("b"))
      .addInterceptors(noting("c"))
      .setHandshakeHandler(userHandler);
    add("/passes-later")
      .addInterceptors(noting("a", later), noting("b", later))
      .setHandshakeHandler(userHandler);
    add("/refuses").addInterceptors(
      noting("a"),
      noting("b"),
      noting("c", () => refuse(403)),
      noting("d"),
    );
    add("/throws").addInterceptors(
      noting("a"),
      noting("b", () => Promise.reject(new Error("it broke"))),
      noting("c"),
    );
    add("/refuses-user")
      .addInterceptors(noting("a"), noting("b"))
      .setHandshakeHandler({ determineUser: () => refuse(401) });
    add("/fails-after").addInterceptors(
      noting("a"),
      { beforeHandshake: () => {}, afterHandshake: () => Promise.reject(new Error("it broke later")) },
      {
        beforeHandshake: () => {},
        afterHandshake: () => {
          throw new Error("it broke at once");
        },
      },
    );
    add("/fails-after-refusal").addInterceptors(
      {
        beforeHandshake: () => {},
        afterHandshake: () => {
          throw new Error("it broke");
        },
      },
      { beforeHandshake: () => refuse(403) },
    );
    add("/attributes")
      .addInterceptors(
        { beforeHandshake: (_, attributes) => void attributes.set("from", ["a"]) },
        { beforeHandshake: (_, attributes) => void (attributes.get("from") as string[]).push("b") },
      )
      .setHandshakeHandler({
        determineUser: (_, attributes) => ({ name: (attributes.get("from") as string[]).join("") }),
      });
    add("/injected").addInterceptors(InjectedInterceptor);
    add("/waits").addInterceptors({ beforeHandshake: () => {}, afterHandshake: () => gate });
  }
}
let open: () => void;
const gate = new Promise<void>((resolve) => (open = resolve));

let port: number;

beforeAll(async () => {
  ({ port } = await startApplication({ components: [Endpoints, Decorated, Greeter], logger }));
});
beforeEach(() => {
  for (const list of [log, lines, sessions]) list.length = 0;
});
afterAll(closeApplications);

const opens = async (path: string): Promise<WebSocketSession> => {
  const connection = await upgradeRaw(port, path);
  await leave(connection);
  return sessions[0]!;
};
const refusedWith = async (path: string): Promise<number> =>
  (await answerAndEnd(port, upgradeRequest(path))).status;

describe("interceptors", () => {
  it.each(["/passes", "/passes-later"])(
    "run in the order added, and back after the decision: %s",
    async (path) => {
      await opens(path);
      const expected = [
        "a before",
        "b before",
        "c before",
        "protocol",
        "user",
        "c after",
        "b after",
        "a after",
      ];
      expect(log).toEqual([
        ...expected.filter((each) => path === "/passes" || !each.startsWith("c")),
        "established",
      ]);
    },
  );

  it("behind one that refuses are not asked, and afterHandshake tells those before it", async () => {
    expect(await refusedWith("/refuses")).toBe(403);
    expect(log).toEqual(["a before", "b before", "c before", "b after: 403", "a after: 403"]);
  });

  it("behind one that fails are not asked, and afterHandshake tells those before it", async () => {
    expect(await refusedWith("/throws")).toBe(500);
    expect(log).toEqual(["a before", "b before", "a after: it broke"]);
  });

  it("hear of a refusal by determineUser", async () => {
    expect(await refusedWith("/refuses-user")).toBe(401);
    expect(log).toEqual(["a before", "b before", "b after: 401", "a after: 401"]);
  });

  it("share the attributes with determineUser and the session", async () => {
    const session = await opens("/attributes");
    expect([...session.attributes]).toEqual([["from", ["a", "b"]]]);
    expect(session.principal).toEqual({ name: "ab" });
  });

  it("start with attributes of their own in each handshake", async () => {
    await opens("/attributes");
    await opens("/attributes");
    expect(sessions.map((each) => each.attributes.get("from"))).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("named by their class are made once and injected, for a decorator and a configurer alike", async () => {
    expect((await opens("/decorated")).attributes.get("greeting")).toBe("hello ada");
    sessions.length = 0;
    expect((await opens("/injected")).attributes.get("greeting")).toBe("hello ada");
    expect(log).toEqual(["a before", "a after", "established", "established"]);
    expect(InjectedInterceptor.made).toBe(1);
  });
});

describe("afterHandshake", () => {
  it("that fails is logged, and neither the others nor the session notice", async () => {
    await opens("/fails-after");
    expect(log).toEqual(["a before", "a after", "established"]);
    const msg = "afterHandshake failed";
    expect(lines).toMatchObject([
      { msg, path: "/fails-after", err: { message: "it broke at once" } },
      { msg, path: "/fails-after", err: { message: "it broke later" } },
    ]);
  });

  it("that fails does not change a refusal", async () => {
    expect(await refusedWith("/fails-after-refusal")).toBe(403);
    expect(lines).toMatchObject([{ msg: "afterHandshake failed" }]);
  });

  it("is awaited before the 101 is written", async () => {
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/waits"));
    await opens("/passes");
    expect((connection.native as Socket).bytesRead).toBe(0);
    open();
    expect((await connection.answer()).status).toBe(101);
    await until("the session", () => sessions.length === 2);
    await leave(connection);
  });
});
