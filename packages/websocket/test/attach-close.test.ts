import { createServer, type Server } from "node:http";
import type { TestClient } from "@vernal/testing";
import {
  Component,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeInterceptor,
  type WebSocketApplication,
} from "../src/index";
import { recordingLogger } from "./harness/application";
import { attach, closeHosts, listen } from "./harness/attached";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { until, within } from "./harness/until";

const finish: (() => void)[] = [];
const waiting = (): Promise<void> => new Promise((resolve) => finish.push(resolve));

/** Its sessions end when a test says so. */
@WebSocketHandler("/ws")
class Busy extends TextWebSocketHandler {
  override handleTextMessage(): Promise<void> {
    return waiting();
  }
}

const asks: HandshakeInterceptor = { beforeHandshake: waiting };
@WebSocketHandler("/asks", { interceptors: [asks] })
class Asks extends TextWebSocketHandler {}

const disposed: string[] = [];
@Component()
class Resource {
  dispose(): void {
    disposed.push("resource");
  }
}

const plain = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
const pages: (() => void)[] = [];

let server: Server;
let application: WebSocketApplication;
let port: number;
let before: Record<string, number>;

beforeEach(async () => {
  for (const list of [finish, disposed, pages]) list.length = 0;
  server = createServer((request, response) => {
    const answer = (): void => void response.end(`page ${request.url}`);
    if (request.url === "/slow") pages.push(answer);
    else answer();
  });
  port = await listen(server);
  before = listeners();
  application = await attach(server, { components: [Busy, Asks, Resource] });
});
afterEach(closeHosts);

function listeners(): Record<string, number> {
  const names = [...server.eventNames()].map(String).sort();
  return Object.fromEntries(names.map((name) => [name, server.listenerCount(name)]));
}

async function page(path: string): Promise<string> {
  const connection = await openRaw(port);
  connection.write(plain(path));
  const { body } = await connection.answer();
  await leave(connection);
  return body;
}

/** A session whose callback still runs. */
async function busySession(): Promise<TestClient> {
  const client = await connectClient(`${application.url}/ws`);
  client.send("x");
  await until("the callback", () => finish.length === 1);
  return client;
}

describe("the close of an attached application", () => {
  it("ends its sessions, takes its listeners away, and leaves the server to its host", async () => {
    const client = await connectClient(`${application.url}/ws`);
    const closing = application.close();
    expect(application.close()).toBe(closing);
    await within("the close", closing);
    expect((await client.closed()).code).toBe(1001);
    expect(disposed).toEqual(["resource"]);
    expect(listeners()).toEqual(before);
    expect(server.listening).toBe(true);
    expect(await page("/page")).toBe("page /page");
    // As on any server on which nobody listens for upgrades.
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/ws"));
    expect((await connection.answer()).body).toContain("page /ws");
    await leave(connection);
  });

  it("answers handshakes on its paths with 503 while sessions end, and the host answers as before", async () => {
    await busySession();
    const closing = application.close();
    expect(await answerAndEnd(port, upgradeRequest("/ws"))).toMatchObject({
      status: 503,
      headers: { "retry-after": "5" },
    });
    expect(await answerAndEnd(port, upgradeRequest("/other"))).toMatchObject({ status: 404 });
    expect(await page("/page")).toBe("page /page");
    expect(disposed).toEqual([]);
    finish[0]!();
    await within("the close", closing);
    expect(application.get(WebSocketSessions).size).toBe(0);
  });

  it("answers a handshake that waits for the application with 503", async () => {
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/asks"));
    await until("the interceptor", () => finish.length === 1);
    const closing = application.close();
    expect((await connection.answer()).status).toBe(503);
    await leave(connection);
    await within("the close", closing);
  });

  it("does not cut the answers of the host", async () => {
    const connection = await openRaw(port);
    connection.write(`GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n${upgradeRequest("/ws")}`);
    await until("the request", () => pages.length === 1);
    await within("the close", application.close());
    pages[0]!();
    expect((await connection.answer()).body).toBe("page /slow");
    await until("the cut", () => connection.isEnded);
    await leave(connection);
  });

  it("lets the host close its server afterwards", async () => {
    await (await connectClient(`${application.url}/ws`)).close();
    await application.close();
    await within("the end of the server", new Promise((resolve) => server.close(resolve)));
  });

  it("works on a server that its host has closed first, which ends with the sessions", async () => {
    const client = await connectClient(`${application.url}/ws`);
    let ended = false;
    server.close(() => (ended = true));
    await until("the end of listening", () => !server.listening);
    expect(() => application.port).toThrow("[VERNAL_NOT_LISTENING]");
    await within("the close", application.close());
    expect((await client.closed()).code).toBe(1001);
    await until("the end of the server", () => ended);
    expect(listeners()).toEqual(before);
  });

  it("is missed, with one warning, when its host closes the server and sessions are open", async () => {
    const { logger, lines } = recordingLogger("warn");
    const silent = createServer();
    const listenersBefore = silent.listenerCount("listening");
    const other = await attach(silent, { components: [Busy], logger });
    await listen(silent);
    const clients = [await connectClient(`${other.url}/ws`), await connectClient(`${other.url}/ws`)];
    silent.close();
    await until("a warning", () => lines.length > 0);
    expect(lines).toMatchObject([
      {
        level: 40,
        sessions: 2,
        msg: "the server of the host was closed, and waits for sessions to end, 2 of them: close the application first",
      },
    ]);
    expect(silent.listenerCount("listening")).toBe(listenersBefore);
    await within("the close", other.close());
    for (const client of clients) expect((await client.closed()).code).toBe(1001);
    expect(lines).toHaveLength(1);
  });

  it("is not missed on a server that listens, never listened, or was closed without a session", async () => {
    const { logger, lines } = recordingLogger("warn");
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "setTimeout"] });
    try {
      const closed = createServer();
      await attach(closed, { components: [Busy], logger });
      const late = await attach(server, { components: [Asks], logger });
      await attach(createServer(), { components: [Busy], logger });
      await listen(closed);
      const client = await connectClient(`ws://localhost:${port}/ws`);
      closed.close();
      jest.advanceTimersByTime(5000);
      expect(lines).toEqual([]);
      server.close();
      await late.close();
      jest.advanceTimersByTime(5000);
      expect(lines).toEqual([]);
      await application.close();
      expect((await client.closed()).code).toBe(1001);
    } finally {
      jest.useRealTimers();
    }
  });

  it("works on a server that never listened", async () => {
    const silent = createServer();
    const other = await attach(silent, { components: [Busy] });
    await within("the close", other.close());
    expect(silent.listenerCount("upgrade")).toBe(0);
  });

  it("leaves the paths of another application on the server alone", async () => {
    @WebSocketHandler("/stays")
    class Stays extends TextWebSocketHandler {}
    await attach(server, { components: [Stays] });
    const client = await connectClient(`ws://localhost:${port}/stays`);
    await application.close();
    await (await connectClient(`ws://localhost:${port}/stays`)).close();
    expect(await answerAndEnd(port, upgradeRequest("/ws"))).toMatchObject({ status: 404 });
    await client.close();
  });

  it("lets another application take its place", async () => {
    await busySession();
    const closing = application.close();
    const next = await attach(server, { components: [Asks] });
    finish[0]!();
    await closing;
    const connection = await openRaw(next.port);
    connection.write(upgradeRequest("/asks"));
    await until("the interceptor", () => finish.length === 2);
    finish[1]!();
    expect((await connection.answer()).status).toBe(101);
    await leave(connection);
  });
});
