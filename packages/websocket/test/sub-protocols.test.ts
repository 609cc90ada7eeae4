import { startTestApplication, type TestApplication } from "@vernal/testing";
import {
  Configuration,
  EnableWebSocket,
  TextWebSocketHandler,
  WebSocketHandler,
  type SubProtocolCapable,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
  type WebSocketSession,
} from "../src/index";

let asked: readonly (readonly string[])[] = [];

class Telling extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession): void {
    void session.sendMessage(String(session.acceptedProtocol));
  }
}

class Capable extends Telling implements SubProtocolCapable {
  readonly subProtocols = ["v1.chat", "v2.chat", "Mixed"];
}

@WebSocketHandler("/none")
class None extends Telling {}

@WebSocketHandler("/capable")
class DecoratedCapable extends Capable {}

@WebSocketHandler("/option", { subProtocols: ["v3.chat"] })
class Option extends Capable {}

@WebSocketHandler("/no-option", { subProtocols: [] })
class NoOption extends Capable {}

/** Its prototype tells what an instance would. */
class CapableByGetter extends Telling implements SubProtocolCapable {
  get subProtocols(): readonly string[] {
    return ["v1.chat"];
  }
}

@WebSocketHandler("/instance", { scope: "connection" })
class Instance extends CapableByGetter {}

@WebSocketHandler("/instance-option", { scope: "connection", subProtocols: ["v3.chat"] })
class InstanceOption extends CapableByGetter {}

@Configuration()
@EnableWebSocket()
class Endpoints implements WebSocketConfigurer {
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    registry.addHandler(new Telling(), "/set-options").setOptions({ subProtocols: ["v3.chat"] });
    registry.addHandler(new Capable(), "/interceptor").addInterceptors({ beforeHandshake: () => {} });
    registry.addHandler(new Capable(), "/user").setHandshakeHandler({ determineUser: () => undefined });
    registry.addHandler(new Capable(), "/chooses").setHandshakeHandler({
      selectProtocol: (...lists) => {
        asked = lists;
        return lists[0].at(-1);
      },
    });
    registry.addHandler(new Capable(), "/chooses-none").setHandshakeHandler({
      selectProtocol: async () => undefined,
    });
  }
}

let application: TestApplication;

beforeAll(async () => {
  const components = [None, DecoratedCapable, Option, NoOption, Instance, InstanceOption, Endpoints];
  application = await startTestApplication({ components });
});
afterAll(() => application.close());

/** What the 101 says and what the session says; they have to agree. */
async function agreedOn(path: string, offer: string | undefined): Promise<string | undefined> {
  // Not a client: one that offers some would not take a 101 without any.
  await using connection = await application.openConnection();
  const { status, headers } = await connection.upgrade(path, { "Sec-WebSocket-Protocol": offer });
  expect(status).toBe(101);
  const agreed = headers["sec-websocket-protocol"]?.toString();
  const acceptedProtocol = (await connection.nextFrame()).payload.toString();
  expect(acceptedProtocol).toBe(String(agreed));
  return agreed;
}

describe("of the sub-protocols that a handler supports", () => {
  it.each<[offer: string, agreed: string | undefined]>([
    ["v1.chat", "v1.chat"],
    ["v2.chat, v1.chat", "v2.chat"],
    ["v1.chat, v2.chat", "v1.chat"],
    ["unknown, v2.chat", "v2.chat"],
    ["V1.CHAT,mixed,Mixed", "Mixed"],
  ])("the first in the client's order is taken, compared as written: %s gives %s", async (offer, agreed) => {
    expect(await agreedOn("/capable", offer)).toBe(agreed);
  });

  it.each(["V1.Chat", "unknown", "v1", "v1.chat2"])(
    "none fits %s, and the handshake succeeds without",
    async (offer) => {
      expect(await agreedOn("/capable", offer)).toBeUndefined();
    },
  );

  it("none is taken where the client offers none", async () => {
    expect(await agreedOn("/capable", undefined)).toBeUndefined();
  });

  it.each(["/interceptor", "/user"])(
    "the choice is the same when the application is asked: %s",
    async (path) => {
      expect(await agreedOn(path, "unknown, v2.chat, v1.chat")).toBe("v2.chat");
      expect(await agreedOn(path, "unknown")).toBeUndefined();
    },
  );
});

it("a handler that names none gets none", async () => {
  expect(await agreedOn("/none", "v1.chat")).toBeUndefined();
});

describe("the option subProtocols", () => {
  it.each(["/option", "/set-options"])("names them too: %s", async (path) => {
    expect(await agreedOn(path, "v3.chat")).toBe("v3.chat");
  });

  it("wins over the handler's own", async () => {
    expect(await agreedOn("/option", "v1.chat")).toBeUndefined();
    expect(await agreedOn("/no-option", "v1.chat")).toBeUndefined();
  });
});

it("a handler with an instance for each connection has those of the option only", async () => {
  expect(await agreedOn("/instance", "v1.chat")).toBeUndefined();
  expect(await agreedOn("/instance-option", "v1.chat, v3.chat")).toBe("v3.chat");
});

describe("selectProtocol", () => {
  it("is given what the client offers and what the handler supports, and decides", async () => {
    expect(await agreedOn("/chooses", "v1.chat, own")).toBe("own");
    expect(asked).toEqual([
      ["v1.chat", "own"],
      ["v1.chat", "v2.chat", "Mixed"],
    ]);
  });

  it("may take none", async () => {
    expect(await agreedOn("/chooses-none", "v1.chat")).toBeUndefined();
  });

  it("is asked also where nothing is offered", async () => {
    asked = [];
    expect(await agreedOn("/chooses", undefined)).toBeUndefined();
    expect(asked[0]).toEqual([]);
  });
});
