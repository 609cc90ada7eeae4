import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { HttpAnswer, RawConnection } from "@vernal/testing";
import {
  Configuration,
  EnableWebSocket,
  refuse,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeHandler,
  type HandshakeInterceptor,
  type TextMessage,
  type WebSocketApplication,
  type WebSocketApplicationOptions,
  type WebSocketConfigurer,
  type WebSocketHandlerOptions,
  type WebSocketHandlerRegistry,
  type WebSocketSession,
} from "../src/index";
import { Admission } from "../src/engine/sessions/admission";
import { closeApplications, startApplication } from "./harness/application";
import { attach, closeHosts, listen } from "./harness/attached";
import { answerClose, leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

/** Kept to look at the counts of every admission that was asked. */
const take = jest.spyOn(Admission.prototype, "take");
const open: RawConnection[] = [];

const asked = (): Admission[] => take.mock.contexts as Admission[];
const counts = (): number => asked().reduce((sum, { entries }) => sum + entries, 0);
const freed = (): Promise<void> => until("the seats to be given back", () => counts() === 0);

afterEach(async () => {
  for (const connection of open.splice(0)) connection.destroy();
  // Whatever a test does, nothing is left of it.
  await freed();
  take.mockClear();
});
afterAll(async () => {
  await closeHosts();
  await closeApplications();
});

/** The answer to a handshake; its connection stays open until the end of the test. */
async function ask(
  port: number,
  path = "/ws",
  headers: readonly string[] = [],
): Promise<HttpAnswer & { readonly connection: RawConnection }> {
  const connection = await openRaw(port);
  open.push(connection);
  connection.write(upgradeRequest(path, headers));
  return { ...(await connection.answer()), connection };
}

async function statuses(
  port: number,
  ...requests: readonly (readonly [path: string, ...headers: string[]])[]
) {
  const found: number[] = [];
  for (const [path, ...headers] of requests) found.push((await ask(port, path, headers)).status);
  return found;
}

class Quiet extends TextWebSocketHandler {}

/** The user is whoever the header `X-User` names. */
const byHeader: HandshakeHandler = {
  determineUser: ({ headers }) => {
    const name = headers.get("x-user");
    return name === undefined ? undefined : { name };
  },
};

/** Two handlers: one of two paths with options, one of one path without. */
async function serveTwo(
  handlerOptions: WebSocketHandlerOptions,
  options: WebSocketApplicationOptions,
): Promise<WebSocketApplication> {
  @Configuration()
  @EnableWebSocket()
  class Endpoints implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      registry
        .addHandler(new Quiet(), "/a", "/b")
        .setOptions({ handshakeHandler: byHeader, ...handlerOptions });
      registry.addHandler(new Quiet(), "/c").setOptions({ handshakeHandler: byHeader });
    }
  }
  return startApplication({ components: [Endpoints], ...options });
}

describe("a handshake for which there is no seat", () => {
  it.each([
    ["maxConnections", 503, "There are too many connections."],
    ["maxConnectionsPerAddress", 429, "There are too many connections from this address."],
    ["maxConnectionsPerUser", 429, "There are too many connections of this user."],
  ] as const)("gets a whole answer and is counted: %s", async (limit, status, body) => {
    const options = { [limit]: 1, retryAfterSeconds: 7 };
    const application = await serve(new Quiet(), { handshakeHandler: byHeader }, options);
    const { port } = application;
    expect(await ask(port, "/ws", ["X-User: mara"])).toMatchObject({ status: 101 });
    for (const times of [1, 2]) {
      const refused = await ask(port, "/ws", ["X-User: mara"]);
      expect(refused).toMatchObject({ status, body, headers: { "retry-after": "7", connection: "close" } });
      expect(application.stats()).toMatchObject({
        openSessions: 1,
        refusalsByStatus: { [status]: times },
        limits: { [limit]: times },
      });
    }
  });

  it("waits 5 seconds unless told otherwise", async () => {
    const { port } = await serve(new Quiet(), { maxConnections: 0 });
    expect((await ask(port)).headers["retry-after"]).toBe("5");
  });
});

describe("maxConnections", () => {
  it.each<[what: string, own: WebSocketHandlerOptions, all: WebSocketApplicationOptions, expected: number[]]>(
    [
      ["of the application counts all handlers", {}, { maxConnections: 2 }, [101, 101, 503, 503]],
      ["of a handler counts all its paths and no others", { maxConnections: 1 }, {}, [101, 503, 101, 101]],
      [
        "of both hold, the handler's first",
        { maxConnections: 1 },
        { maxConnections: 2 },
        [101, 503, 101, 503],
      ],
      [
        "of both hold, the application's first",
        { maxConnections: 3 },
        { maxConnections: 1 },
        [101, 503, 503, 503],
      ],
      [
        "of the application holds where a handler has none",
        { maxConnections: false },
        { maxConnections: 1 },
        [101, 503, 503, 503],
      ],
      ["may be 0", { maxConnections: 0 }, {}, [503, 503, 101, 101]],
    ],
  )("%s", async (_, own, all, expected) => {
    const { port } = await serveTwo(own, all);
    expect(await statuses(port, ["/a"], ["/b"], ["/c"], ["/c"])).toEqual(expected);
  });
});

describe("maxConnectionsPerAddress", () => {
  const from = (address: string): string => `X-Forwarded-For: ${address}`;
  const trust = { trustedProxies: ["127.0.0.1"], host: "127.0.0.1" };

  it("counts each address by itself", async () => {
    const { port } = await serve(new Quiet(), {}, { ...trust, maxConnectionsPerAddress: 1 });
    const one = ["/ws", from("203.0.113.1")] as const;
    const two = ["/ws", from("203.0.113.2")] as const;
    expect(await statuses(port, one, two, one, two, ["/ws"], ["/ws"])).toEqual([
      101, 101, 429, 429, 101, 429,
    ]);
  });

  it.each([
    ["two addresses of one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff::2", 429],
    ["two /64", "2001:db8:1:2::1", "2001:db8:1:3::1", 101],
    ["an IPv4 address and the same within IPv6", "203.0.113.7", "::ffff:203.0.113.7", 429],
    ["two IPv4 addresses within IPv6", "::ffff:203.0.113.7", "::ffff:203.0.113.8", 101],
  ])("of IPv6: %s", async (_, first, second, status) => {
    const { port } = await serve(new Quiet(), {}, { ...trust, maxConnectionsPerAddress: 1 });
    expect(await statuses(port, ["/ws", from(first)], ["/ws", from(second)])).toEqual([101, status]);
  });

  it.each<[what: string, own: number | false, all: number | false, expected: number[]]>([
    ["the application's counts all handlers", false, 2, [101, 101, 429, 429]],
    ["a handler's counts its own", 1, false, [101, 429, 101, 101]],
    ["both hold", 1, 2, [101, 429, 101, 429]],
  ])("%s", async (_, own, all, expected) => {
    const { port } = await serveTwo({ maxConnectionsPerAddress: own }, { maxConnectionsPerAddress: all });
    expect(await statuses(port, ["/a"], ["/b"], ["/c"], ["/c"])).toEqual(expected);
  });

  it("does not believe X-Forwarded-For of an address that is not trusted", async () => {
    const options = { trustedProxies: ["10.0.0.0/8"], maxConnectionsPerAddress: 1 };
    const { port } = await serve(new Quiet(), {}, options);
    expect(await statuses(port, ["/ws", from("203.0.113.1")], ["/ws", from("203.0.113.2")])).toEqual([
      101, 429,
    ]);
  });
});

describe("maxConnectionsPerUser", () => {
  it.each<[what: string, own: number | false, all: number | false, expected: number[]]>([
    ["the application's counts all handlers", false, 2, [101, 101, 429, 429]],
    ["a handler's counts its own", 1, false, [101, 429, 101, 101]],
    ["both hold", 1, 2, [101, 429, 101, 429]],
  ])("%s", async (_, own, all, expected) => {
    const { port } = await serveTwo({ maxConnectionsPerUser: own }, { maxConnectionsPerUser: all });
    const as = ["X-User: mara"];
    expect(await statuses(port, ["/a", ...as], ["/b", ...as], ["/c", ...as], ["/c", ...as])).toEqual(
      expected,
    );
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "counts a user called %s",
    async (name) => {
      const { port } = await serve(new Quiet(), { handshakeHandler: byHeader }, { maxConnectionsPerUser: 1 });
      const as = `X-User: ${name}`;
      expect(await statuses(port, ["/ws", as], ["/ws", as], ["/ws", "X-User: mara"])).toEqual([
        101, 429, 101,
      ]);
    },
  );

  it("does not count who is nobody in particular", async () => {
    const { port } = await serve(new Quiet(), { handshakeHandler: byHeader }, { maxConnectionsPerUser: 1 });
    expect(await statuses(port, ["/ws"], ["/ws"], ["/ws"])).toEqual([101, 101, 101]);
  });

  it("is a decision of the chain, and afterHandshake gets the refusal", async () => {
    const errors: unknown[] = [];
    const interceptor: HandshakeInterceptor = {
      beforeHandshake: () => {},
      afterHandshake: (_, error) => void errors.push(error),
    };
    const options = { handshakeHandler: byHeader, interceptors: [interceptor] };
    const { port } = await serve(new Quiet(), options, { maxConnectionsPerUser: 1 });
    await statuses(port, ["/ws", "X-User: mara"], ["/ws", "X-User: mara"]);
    expect(errors).toEqual([undefined, expect.objectContaining({ status: 429 })]);
  });
});

describe("in the order of the checks", () => {
  const foreign = "Origin: https://elsewhere.example";
  let made = 0;

  @WebSocketHandler("/scoped", { scope: "connection", handshakeHandler: byHeader, maxConnectionsPerUser: 0 })
  class Scoped extends Quiet {
    constructor() {
      super();
      made += 1;
    }
  }

  it("a header that is wrong comes before the seats", async () => {
    const { port } = await serve(new Quiet(), { maxConnections: 0 });
    expect(await statuses(port, ["/ws", "-Sec-WebSocket-Key"], ["/ws", "Sec-WebSocket-Version: 8"])).toEqual([
      400, 426,
    ]);
  });

  it("the seats come before the origin", async () => {
    const { port } = await serve(new Quiet(), { maxConnections: 0 });
    expect(await statuses(port, ["/ws", foreign])).toEqual([503]);
  });

  it("those in all come before those of an address", async () => {
    const { port } = await serve(new Quiet(), { maxConnectionsPerAddress: 0 }, { maxConnections: 0 });
    expect(await statuses(port, ["/ws"])).toEqual([503]);
  });

  it("those of a user come before the handler of the connection", async () => {
    const { port } = await startApplication({ components: [Scoped] });
    expect(await statuses(port, ["/scoped", "X-User: mara"])).toEqual([429]);
    expect(made).toBe(0);
    expect(await statuses(port, ["/scoped"])).toEqual([101]);
    expect(made).toBe(1);
  });
});

describe("a seat is given back", () => {
  const sessions: WebSocketSession[] = [];
  const all = { maxConnections: 1, maxConnectionsPerAddress: 1, maxConnectionsPerUser: 1 };
  let goOn: (() => void)[] = [];
  let failing = false;

  const interceptor: HandshakeInterceptor = {
    beforeHandshake: ({ headers }) => {
      switch (headers.get("x-do")) {
        case "refuse":
          return refuse(401);
        case "throw":
          throw new Error("it broke");
        case "wait":
          return new Promise((resolve) => goOn.push(resolve));
      }
    },
  };

  @WebSocketHandler("/ws", {
    scope: "connection",
    interceptors: [interceptor],
    handshakeHandler: byHeader,
    ...all,
  })
  class Guarded extends Quiet {
    constructor() {
      super();
      if (failing) throw new Error("it cannot be made");
    }

    override afterConnectionEstablished(session: WebSocketSession): void {
      sessions.push(session);
    }
  }

  let application: WebSocketApplication;
  beforeEach(async () => {
    sessions.length = 0;
    goOn = [];
    failing = false;
    application = await startApplication({ components: [Guarded], ...all });
  });

  const connect = (...headers: readonly string[]) =>
    ask(application.port, "/ws", ["X-User: mara", ...headers]);

  /** Both the application's and the handler's, of each of the three kinds. */
  const expectTaken = (): void => expect(counts() / asked().length).toBe(6);

  async function expectFree(): Promise<void> {
    await freed();
    expect((await connect()).status).toBe(101);
    expectTaken();
    expect((await connect()).status).toBe(503);
  }

  it.each<[how: string, end: (connection: RawConnection) => unknown]>([
    [
      "the client closes",
      (connection) => connection.writeFrame({ opcode: 8, payload: Buffer.from([3, 232]) }),
    ],
    ["the client ends", (connection) => connection.finish()],
    ["the client resets", (connection) => connection.reset()],
    ["the client breaks the protocol", (connection) => connection.writeFrame({ opcode: 3 })],
    ["the session is closed", () => sessions[0]!.close()],
    ["the session is terminated", () => sessions[0]!.native.terminate()],
  ])("when %s", async (_, end) => {
    const { connection, status } = await connect();
    expect(status).toBe(101);
    await until("the session", () => sessions.length === 1);
    expectTaken();
    end(connection);
    if (!connection.native.destroyed) await leave(connection);
    await expectFree();
  });

  it.each<[by: string, status: number, header: string]>([
    ["a header", 400, "-Sec-WebSocket-Key"],
    ["the origin", 403, "Origin: https://elsewhere.example"],
    ["an interceptor", 401, "X-Do: refuse"],
    ["an interceptor that fails", 500, "X-Do: throw"],
  ])("when the handshake is refused by %s", async (_, status, header) => {
    expect((await connect(header)).status).toBe(status);
    await expectFree();
  });

  it("when the handler of the connection cannot be made", async () => {
    failing = true;
    expect((await connect()).status).toBe(500);
    failing = false;
    await expectFree();
  });

  it.each<[how: string, leave: (connection: RawConnection) => unknown]>([
    ["ends", (connection) => connection.finish()],
    ["resets", (connection) => connection.reset()],
  ])("when the client %s while an interceptor waits", async (_, leave) => {
    const connection = await openRaw(application.port);
    connection.write(upgradeRequest("/ws", ["X-User: mara", "X-Do: wait"]));
    await until("the interceptor", () => goOn.length === 1);
    leave(connection);
    await freed();
    goOn[0]!();
    await expectFree();
  });

  it("at once where the socket has closed before, as when a host hands it over late", async () => {
    const host = createServer();
    const upgraded = once(host, "upgrade") as Promise<[IncomingMessage, Duplex, Buffer]>;
    const connection = await openRaw(await listen(host));
    connection.write(upgradeRequest("/ws"));
    const [request, socket, head] = await within("the upgrade", upgraded);
    socket.destroy();
    await once(socket, "close");
    const other = createServer();
    await attach(other, { components: [Guarded], ...all });
    other.emit("upgrade", request, socket, head);
    expect(take).toHaveBeenCalledTimes(1);
    expect(counts()).toBe(0);
  });

  it("when the application closes", async () => {
    const { connection } = await connect();
    await until("the session", () => sessions.length === 1);
    const closed = application.close();
    await answerClose(connection);
    await closed;
    await freed();
  });

  it("exactly once each: the limit holds as before", async () => {
    const { port } = await serve(new Quiet(), {}, { maxConnections: 2 });
    for (let round = 0; round < 5; round += 1) {
      const answers = [await ask(port), await ask(port), await ask(port)];
      expect(answers.map(({ status }) => status)).toEqual([101, 101, 503]);
      for (const { connection } of answers) connection.destroy();
      await freed();
    }
  });
});

describe("handshakes on their way", () => {
  let goOn: (() => void)[] = [];
  const waiting: HandshakeInterceptor = {
    beforeHandshake: () => new Promise((resolve) => goOn.push(resolve)),
  };

  it("have seats, and keep them as sessions", async () => {
    goOn = [];
    const { port } = await serve(new Quiet(), { interceptors: [waiting] }, { maxConnections: 5 });
    const refused: number[] = [];
    const answers = Array.from({ length: 20 }, async () => {
      const { status } = await ask(port);
      if (status !== 101) refused.push(status);
      return status;
    });
    await until("the refusals", () => refused.length === 15 && goOn.length === 5);
    for (const each of goOn) each();
    const found = await Promise.all(answers);
    expect(found.filter((status) => status === 101)).toHaveLength(5);
    expect(refused).toEqual(new Array(15).fill(503));
    expect((await ask(port)).status).toBe(503);
  });

  it("of one user are counted when it is known who they are", async () => {
    goOn = [];
    const options = { interceptors: [waiting], handshakeHandler: byHeader };
    const { port } = await serve(new Quiet(), options, { maxConnectionsPerUser: 2 });
    const answers = Array.from({ length: 6 }, () => ask(port, "/ws", ["X-User: mara"]));
    await until("the interceptors", () => goOn.length === 6);
    for (const each of goOn) each();
    const found = (await Promise.all(answers)).map(({ status }) => status);
    expect(found.sort()).toEqual([101, 101, 429, 429, 429, 429]);
  });
});

describe("session.authenticate", () => {
  /** Becomes whom the client names; `?name` catches, and tells what came of it. */
  class Renaming extends TextWebSocketHandler {
    override async handleTextMessage(session: WebSocketSession, { payload }: TextMessage): Promise<void> {
      const name = payload.replace("?", "");
      try {
        session.authenticate(name === "" ? undefined : { name });
      } catch (error) {
        if (!payload.startsWith("?")) throw error;
      }
      await session.sendMessage(String(session.principal?.name));
    }
  }

  let application: WebSocketApplication;
  beforeEach(async () => {
    const options = { handshakeHandler: byHeader, maxConnectionsPerUser: 1 };
    application = await serve(new Renaming(), options, { maxConnectionsPerUser: 2 });
  });

  const connectAs = (name: string) => ask(application.port, "/ws", [`X-User: ${name}`]);
  async function rename(connection: RawConnection, name: string): Promise<string> {
    connection.writeFrame({ opcode: 1, payload: name });
    return (await connection.nextFrame()).payload.toString();
  }

  it("moves the seat", async () => {
    const { connection } = await connectAs("mara");
    expect(await rename(connection, "noor")).toBe("noor");
    expect((await connectAs("noor")).status).toBe(429);
    expect((await connectAs("mara")).status).toBe(101);
  });

  it("gives the seat back for nobody in particular, and takes one for somebody", async () => {
    const { connection } = await connectAs("mara");
    expect(await rename(connection, "")).toBe("undefined");
    const second = await connectAs("mara");
    expect(second.status).toBe(101);
    expect(await rename(connection, "noor")).toBe("noor");
    expect((await connectAs("noor")).status).toBe(429);
  });

  it("takes no second seat for the same user", async () => {
    const { connection } = await connectAs("mara");
    expect(await rename(connection, "mara")).toBe("mara");
    expect(application.stats().limits).toEqual({});
  });

  it("closes with 1008 where the user has no seat left", async () => {
    const { connection } = await connectAs("mara");
    await connectAs("noor");
    connection.writeFrame({ opcode: 1, payload: "noor" });
    const payload = await answerClose(connection);
    expect(payload.readUInt16BE()).toBe(1008);
    expect(payload.subarray(2).toString()).toBe("Too many connections of this user");
    expect(application.stats().limits).toEqual({ maxConnectionsPerUser: 1 });
  });

  it("changes nothing then, where it is caught", async () => {
    const { connection } = await connectAs("mara");
    await connectAs("noor");
    expect(await rename(connection, "?noor")).toBe("mara");
    const sessions = application.get(WebSocketSessions);
    expect([sessions.ofUser("mara").size, sessions.ofUser("noor").size]).toEqual([1, 1]);
    expect((await connectAs("mara")).status).toBe(429);
  });

  it("takes nothing once the session has ended", async () => {
    const { connection } = await connectAs("mara");
    const [session] = application.get(WebSocketSessions).ofUser("mara");
    connection.destroy();
    await session!.closed;
    session!.authenticate({ name: "noor" });
    await freed();
  });
});

it("without a limit nobody counts", async () => {
  const { port } = await serve(new Quiet(), { maxConnections: false });
  expect((await ask(port)).status).toBe(101);
  expect(take).not.toHaveBeenCalled();
});
