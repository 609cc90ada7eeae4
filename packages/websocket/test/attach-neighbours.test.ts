import type { Socket } from "node:net";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer, request as httpsRequest } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { text as wholeText } from "node:stream/consumers";
import { Server as SocketIoServer } from "socket.io";
import { io } from "socket.io-client";
import { WebSocket, WebSocketServer } from "ws";
import type { RawConnection } from "@vernal/testing";
import {
  TextWebSocketHandler,
  WebSocketHandler,
  refuse,
  type HandshakeInterceptor,
  type TextMessage,
  type WebSocketApplication,
  type WebSocketSession,
} from "../src/index";
import { recordingLogger, type LogLine } from "./harness/application";
import { attach, closeHosts, listen } from "./harness/attached";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { realProcess } from "./harness/real-process";
import { openResources, untilFreed } from "./harness/resources";
import { TLS } from "./harness/tls";
import { until, within } from "./harness/until";

const UNTOUCHED_MS = 10_000;

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(`${this.constructor.name}: ${message.payload}`);
  }
}
@WebSocketHandler("/one")
class One extends Echo {}
@WebSocketHandler("/two")
class Two extends Echo {}

/** Holds its handshakes until a test lets them go. */
const doors: (() => void)[] = [];
const door: HandshakeInterceptor = {
  beforeHandshake: () => new Promise((resolve) => doors.push(resolve)),
};
@WebSocketHandler("/slow", { interceptors: [door] })
class Slow extends Echo {}

/** The bodies that the host has got. */
let bodies: string[];
let server: Server;

const page = (request: IncomingMessage, response: { end(text: string): unknown }): void => {
  void wholeText(request).then((body) => {
    bodies.push(body);
    response.end(`page ${request.url} ${body}`);
  });
};

beforeEach(() => {
  bodies = [];
  doors.length = 0;
  server = createServer(page);
});
afterEach(async () => {
  jest.useRealTimers();
  await closeHosts();
});

/** From now on the clock of what nobody touches stands still, and no other. */
function stopClock(): void {
  jest.useFakeTimers({
    doNotFake: ["Date", "hrtime", "nextTick", "performance", "queueMicrotask", "setImmediate", "setInterval"],
  });
}

async function talk(url: string, name: string): Promise<void> {
  const client = await connectClient(url);
  client.send("hello");
  expect(await client.next()).toBe(`${name}: hello`);
  await client.close();
}

/** Another listener, as the documentation of ws has it: it takes one path and leaves the others alone. */
function takePath(path: string, when: (take: () => void) => void = (take) => take()): WebSocketServer {
  const other = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket: Duplex, head) => {
    if (request.url !== path) return;
    when(() => {
      other.handleUpgrade(request, socket, head, (ws) => {
        ws.on("message", (data: Buffer) => ws.send(`ws: ${data.toString()}`));
      });
    });
  });
  return other;
}

/** Writes an upgrade and waits until every listener has seen it. */
async function knock(port: number, path: string, changes: readonly string[] = []): Promise<RawConnection> {
  let seen = false;
  server.once("upgrade", () => setImmediate(() => (seen = true)));
  const connection = await openRaw(port);
  connection.write(upgradeRequest(path, changes));
  await until("the upgrade", () => seen);
  return connection;
}

it("survives a listener before it that takes a path of its own handler, which it logs", async () => {
  takePath("/one");
  takePath("/slow");
  const { logger, lines: logged } = recordingLogger();
  const application = await attach(server, { components: [One, Slow], logger });
  await listen(server);
  const client = await connectClient(`${application.url}/one`);
  client.send("hello");
  expect(await client.next()).toBe("ws: hello");
  await client.close();
  const slow = await connectClient(`${application.url}/slow`);
  slow.send("hello");
  expect(await slow.next()).toBe("ws: hello");
  for (const door of doors) door();
  await until("both to be logged", () => logged.filter(({ level }) => level === 50).length === 2);
  await slow.close();
});

describe.each([
  ["before", true],
  ["after", false],
])("beside a noServer server of ws that listens %s it", (_, first) => {
  let application: WebSocketApplication;
  let port: number;
  let take: (() => void)[];
  let lines: readonly LogLine[];

  beforeEach(async () => {
    take = [];
    const log = recordingLogger();
    const others = (): void => {
      takePath("/other");
      takePath("/later", (now) => take.push(now));
    };
    if (first) others();
    application = await attach(server, { components: [One, Slow], logger: log.logger });
    if (!first) others();
    port = await listen(server);
    log.lines.length = 0;
    ({ lines } = log);
  });

  it("each serves its path", async () => {
    await talk(`${application.url}/one`, "One");
    await talk(`${application.url}/other`, "ws");
  });

  it("answers for a path that nobody touches with 404, after ten seconds", async () => {
    stopClock();
    const connection = await knock(port, "/nobody");
    jest.advanceTimersByTime(UNTOUCHED_MS - 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect((connection.native as Socket).bytesRead).toBe(0);
    jest.advanceTimersByTime(1);
    jest.useRealTimers();
    expect(await connection.answer()).toMatchObject({ status: 404, headers: { connection: "close" } });
    await leave(connection);
  });

  it("leaves a path that somebody takes within that time", async () => {
    stopClock();
    const connection = await knock(port, "/later");
    jest.advanceTimersByTime(UNTOUCHED_MS - 1);
    take[0]!();
    jest.advanceTimersByTime(UNTOUCHED_MS);
    jest.useRealTimers();
    expect((await connection.answer()).status).toBe(101);
    connection.writeFrame({ opcode: 1, payload: "hello" });
    expect((await connection.nextFrame()).payload.toString()).toBe("ws: hello");
    await leave(connection);
  });

  it.each<[how: string, touch: (socket: Duplex) => unknown]>([
    ["writes to", (socket) => socket.write("HTTP/1.1 102 Processing\r\n\r\n")],
    ["answers on", (socket) => socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n")],
    ["ends", (socket) => socket.end()],
    ["destroys", (socket) => socket.destroy()],
    ["reads", (socket) => socket.on("data", () => {})],
    ["looks into", (socket) => socket.on("readable", () => {})],
    ["pauses", (socket) => socket.pause()],
  ])("leaves a socket that somebody %s within that time", async (_how, touch) => {
    let touched: Duplex | undefined;
    server.on("upgrade", (_request, socket) => (touched = socket));
    stopClock();
    const connection = await knock(port, "/nobody");
    jest.advanceTimersByTime(UNTOUCHED_MS - 1);
    touch(touched!);
    jest.advanceTimersByTime(UNTOUCHED_MS);
    jest.useRealTimers();
    expect(lines).toEqual([]);
    touched!.destroy();
    await leave(connection);
  });

  it("has no clock for what is taken at once, nor for what has closed", async () => {
    stopClock();
    const taken = await knock(port, "/other");
    expect(jest.getTimerCount()).toBe(0);
    const left = await knock(port, "/nobody");
    expect(jest.getTimerCount()).toBe(1);
    left.reset();
    await until("the end of its clock", () => jest.getTimerCount() === 0);
    jest.useRealTimers();
    await leave(taken);
  });

  it("neither falls over a client that resets what nobody has touched nor waits for it at the end", async () => {
    const before = openResources();
    const connection = await knock(port, "/nobody");
    expect(openResources().get("Timeout")).toBe(before.get("Timeout"));
    connection.reset();
    await untilFreed(before);
    await talk(`${application.url}/one`, "One");
  });

  it("gives an upgrade to something else to the host, once", async () => {
    const h2c = ["Upgrade: h2c", "Connection: Upgrade, keep-alive", "Content-Length: 4"];
    for (const path of ["/one", "/page"]) {
      const connection = await openRaw(port);
      connection.write(`${upgradeRequest(path, h2c, "POST")}body`);
      expect(await connection.answer()).toMatchObject({ status: 200, body: `page ${path} body` });
      await leave(connection);
    }
    expect(bodies).toEqual(["body", "body"]);
  });

  it("leaves an upgrade to something else to a listener that speaks it", async () => {
    server.on("upgrade", (request, socket) => {
      if (request.headers.upgrade === "tea") socket.end("HTTP/1.1 418 I'm a teapot\r\n\r\n");
    });
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/page", ["Upgrade: tea"]));
    expect((await connection.answer()).status).toBe(418);
    expect((await leave(connection)).toString()).toBe("");
    expect(bodies).toEqual([]);
  });
});

describe("over TLS beside another listener", () => {
  it("an upgrade to something else reaches the host once, and a path of nobody is 404", async () => {
    server = createTlsServer(TLS, page);
    server.on("upgrade", () => {});
    const application = await attach(server, { components: [One] });
    const port = await listen(server);
    const h2c = httpsRequest({
      port,
      method: "POST",
      path: "/page",
      rejectUnauthorized: false,
      headers: { Upgrade: "h2c", Connection: "Upgrade" },
    });
    h2c.end("body");
    const [response] = (await within("an answer", once(h2c, "response"))) as [IncomingMessage];
    expect(await wholeText(response)).toBe("page /page body");
    expect(bodies).toEqual(["body"]);

    stopClock();
    const seen = once(server, "upgrade");
    const client = new WebSocket(`${application.url}/nobody`, { rejectUnauthorized: false });
    const refused = once(client, "unexpected-response");
    await seen;
    await new Promise((resolve) => setImmediate(resolve));
    jest.advanceTimersByTime(UNTOUCHED_MS);
    jest.useRealTimers();
    const [, refusal] = (await within("a refusal", refused)) as [unknown, IncomingMessage];
    expect(refusal.statusCode).toBe(404);
    client.on("error", () => {}).terminate();
  });
});

describe("two applications on one server", () => {
  let first: WebSocketApplication;
  let port: number;

  beforeEach(async () => {
    first = await attach(server, { components: [One, Slow], handshakeTimeoutMs: 60_000 });
    await attach(server, { components: [Two] });
    port = await listen(server);
  });

  it("serve their own paths", async () => {
    await talk(`${first.url}/one`, "One");
    await talk(`${first.url}/two`, "Two");
  });

  it("answer for a path of neither with 404, once", async () => {
    stopClock();
    const connection = await knock(port, "/nobody");
    jest.advanceTimersByTime(UNTOUCHED_MS);
    jest.useRealTimers();
    expect((await connection.answer()).status).toBe(404);
    expect((await leave(connection)).toString()).toBe("");
  });

  it("let the other one take its time", async () => {
    stopClock();
    const connection = await knock(port, "/slow");
    await until("the interceptor", () => doors.length === 1);
    jest.advanceTimersByTime(UNTOUCHED_MS);
    jest.useRealTimers();
    doors[0]!();
    expect((await connection.answer()).status).toBe(101);
    await leave(connection);
  });

  it("give an upgrade to something else to the host, once each, also many on one connection", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    realProcess.on("warning", warn);
    // Without a body: from Node 26 on a connection ends with the answer to one that has.
    const h2c = ["Upgrade: h2c", "Connection: Upgrade, keep-alive"];
    const connection = await openRaw(port);
    for (let count = 0; count < 25; count += 1) {
      connection.write(upgradeRequest(`/${count}`, h2c));
      expect((await connection.answer()).body).toBe(`page /${count} `);
    }
    await leave(connection);
    realProcess.removeListener("warning", warn);
    expect(bodies).toHaveLength(25);
    expect(warnings).toEqual([]);
  });

  it("leave a path that both have to the first", async () => {
    class Late extends Echo {}
    WebSocketHandler("/one")(Late);
    await attach(server, { components: [Late] });
    await talk(`${first.url}/one`, "One");
  });
});

describe("beside a listener that ends the handshakes of others", () => {
  const REPORT = {
    level: 40,
    path: "/one",
    msg: expect.stringMatching(/^another upgrade listener .* for \/one, .* a server of its own/) as string,
  };

  const ends: [how: string, end: (socket: Duplex) => unknown][] = [
    ["destroys", (socket) => socket.destroy()],
    ["ends", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ];
  const hosts = ends.flatMap(([how, end]) => [
    { how, place: "before", end, isFirst: true },
    { how, place: "after", end, isFirst: false },
  ]);

  it.each(hosts)("that comes $place it and $how what is not its own, it warns once", async (host) => {
    const { logger, lines } = recordingLogger("warn");
    const listener = (_: IncomingMessage, socket: Duplex): void => void host.end(socket);
    if (host.isFirst) server.on("upgrade", listener);
    await attach(server, { components: [One], logger });
    if (!host.isFirst) server.on("upgrade", listener);
    const port = await listen(server);
    for (const path of ["/one?token=secret", "/one"]) {
      const connection = await openRaw(port);
      connection.write(upgradeRequest(path));
      await until("the end", () => connection.isEnded);
      await leave(connection);
    }
    expect(lines).toMatchObject([REPORT]);
  });

  it("and not its own path, a server of ws is reported too", async () => {
    const { logger, lines } = recordingLogger("warn");
    await attach(server, { components: [One], logger });
    const other = new WebSocketServer({ server, path: "/other" });
    const port = await listen(server);
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/one"));
    await until("the end", () => connection.isEnded);
    expect(lines).toMatchObject([REPORT]);
    await leave(connection);
    other.close();
  });

  it("while an interceptor is asked, it warns at once", async () => {
    const { logger, lines } = recordingLogger("warn");
    await attach(server, { components: [Slow], logger });
    server.on("upgrade", (_request, socket: Duplex) => void socket.destroy());
    const port = await listen(server);
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/slow"));
    await until("the end", () => connection.isEnded);
    expect(lines).toMatchObject([
      { ...REPORT, path: "/slow", msg: expect.stringContaining("/slow") as string },
    ]);
    await leave(connection);
  });

  it("where a host has passed the handshake on later, it says nothing of its own refusal or of a client that has left", async () => {
    const { logger, lines } = recordingLogger("warn");
    const refuses: HandshakeInterceptor = { beforeHandshake: () => Promise.resolve(refuse(401)) };
    @WebSocketHandler("/refuses", { interceptors: [refuses] })
    class Refuses extends Echo {}
    const behind = createServer();
    await attach(behind, { components: [One, Refuses], logger });
    const passOn = new Map<string, () => void>();
    let hasLeft = false;
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => (hasLeft = true)).resume();
      const asked = new Promise<void>((resolve) => passOn.set(request.url!, resolve));
      void asked.then(() => behind.emit("upgrade", request, socket, head));
    });
    const port = await listen(server);
    const refused = await openRaw(port);
    refused.write(upgradeRequest("/refuses"));
    const left = await openRaw(port);
    left.write(upgradeRequest("/one"));
    await until("both handshakes", () => passOn.size === 2);
    (left.native as Socket).resetAndDestroy();
    await until("the reset", () => hasLeft);
    passOn.get("/one")!();
    passOn.get("/refuses")!();
    expect((await refused.answer()).status).toBe(401);
    await leave(refused);
    expect(lines).toEqual([]);
  });

  it("on paths that are not its own, or where its own side ends it, it says nothing", async () => {
    const { logger, lines } = recordingLogger("warn");
    const refuses: HandshakeInterceptor = { beforeHandshake: () => refuse(401) };
    @WebSocketHandler("/refuses", { interceptors: [refuses] })
    class Refuses extends Echo {}
    @WebSocketHandler("/leaves")
    class Leaves extends Echo {
      override afterConnectionEstablished(session: WebSocketSession): void {
        process.nextTick(() => session.native.terminate());
      }
    }
    const application = await attach(server, { components: [One, Refuses, Leaves], logger });
    server.on("upgrade", (request, socket: Duplex) => {
      if (request.url === "/theirs") socket.destroy();
    });
    const port = await listen(server);
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/theirs"));
    await until("the end", () => connection.isEnded);
    await leave(connection);
    const left = await openRaw(port);
    left.write(upgradeRequest("/leaves"));
    await until("the end", () => left.isEnded);
    await leave(left);
    expect(await answerAndEnd(port, upgradeRequest("/refuses"))).toMatchObject({ status: 401 });
    const foreign = upgradeRequest("/one", ["Origin: https://elsewhere.example"]);
    expect(await answerAndEnd(port, foreign)).toMatchObject({ status: 403 });
    await talk(`${application.url}/one`, "One");
    expect(lines).toEqual([]);
  });
});

describe("beside socket.io", () => {
  const WARNING = expect.stringContaining("destroyUpgrade: false") as string;

  async function exchange(port: number, transports: string[]): Promise<void> {
    const client = io(`http://localhost:${port}`, { transports, reconnection: false, forceNew: true });
    const answer = new Promise((resolve) => client.once("answer", resolve));
    client.emit("question", "hello");
    expect(await within("an answer of socket.io", answer)).toBe("socket.io: hello");
    client.close();
  }

  function addSocketIo(options: object): SocketIoServer {
    const sockets = new SocketIoServer(server, options);
    sockets.on("connection", (socket) => {
      socket.on("question", (text: string) => socket.emit("answer", `socket.io: ${text}`));
    });
    return sockets;
  }

  it.each([
    ["before", true],
    ["after", false],
  ])("that comes %s it, with destroyUpgrade: false, both work and nothing is warned of", async (_, first) => {
    const { logger, lines } = recordingLogger("warn");
    const options = { destroyUpgrade: false };
    let sockets = first ? addSocketIo(options) : undefined;
    const application = await attach(server, { components: [One, Slow], logger });
    sockets ??= addSocketIo(options);
    const port = await listen(server);

    const slow = await knock(port, "/slow");
    await until("the interceptor", () => doors.length === 1);
    await exchange(port, ["polling", "websocket"]);
    await exchange(port, ["websocket"]);
    await talk(`${application.url}/one`, "One");
    const h2c = await openRaw(port);
    h2c.write(`${upgradeRequest("/page", ["Upgrade: h2c", "Content-Length: 4"], "POST")}body`);
    expect((await h2c.answer()).body).toBe("page /page body");
    await leave(h2c);
    expect(bodies).toEqual(["body"]);
    doors[0]!();
    expect((await slow.answer()).status).toBe(101);
    await leave(slow);

    expect(lines).toEqual([]);
    await sockets.close();
  });

  it.each([
    ["before", true],
    ["after", false],
  ])("that comes %s it and would end what is not its own, it warns once", async (_, first) => {
    const { logger, lines } = recordingLogger("warn");
    let sockets = first ? addSocketIo({}) : undefined;
    const application = await attach(server, { components: [One], logger });
    sockets ??= addSocketIo({});
    const port = await listen(server);
    expect(lines.map(({ msg }) => msg)).toEqual([WARNING]);
    await talk(`${application.url}/one`, "One");
    await exchange(port, ["websocket"]);
    await sockets.close();
  });

  it("the warning is right: without the option a slow handshake is ended", async () => {
    const sockets = addSocketIo({ destroyUpgradeTimeout: 10 });
    await attach(server, { components: [Slow] });
    const connection = await knock(await listen(server), "/slow");
    await until("the end", () => connection.isEnded);
    expect((connection.native as Socket).bytesRead).toBe(0);
    await leave(connection);
    await sockets.close();
  });
});
