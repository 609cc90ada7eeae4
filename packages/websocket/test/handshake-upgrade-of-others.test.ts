import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { text as wholeText } from "node:stream/consumers";
import { encodeRawFrame } from "@vernal/testing";
import {
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type TextMessage,
  type WebSocketApplication,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, startApplication } from "./harness/application";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { realProcess } from "./harness/real-process";
import { answerAndEnd } from "./harness/refusal";
import { openResources, untilFreed } from "./harness/resources";
import { TLS } from "./harness/tls";
import { until, within } from "./harness/until";

const H2C = ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQCAAAA"];
const keepAlive = ["Connection: Upgrade, keep-alive, HTTP2-Settings"];

@WebSocketHandler("/ws")
class Echo extends TextWebSocketHandler {
  override async afterConnectionEstablished(session: WebSocketSession): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    void session.sendMessage("established");
  }
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message.payload);
  }
}

/** Answers what it got, `/slow` only when a test says so. */
async function page(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.startsWith("/slow")) {
    slow.push(() => response.end(`answer to ${request.url}`));
    return;
  }
  const body = await wholeText(request);
  const { upgrade, connection, "http2-settings": settings } = request.headers;
  response.end(JSON.stringify([request.method, request.url, body, { upgrade, connection, settings }]));
}
const slow: (() => void)[] = [];

let application: WebSocketApplication;
let port: number;

beforeEach(async () => {
  slow.length = 0;
  application = await startApplication({ components: [Echo], requestListener: page });
  ({ port } = application);
});
afterEach(closeApplications);

const asksFor = (path: string, headers: readonly string[] = [], method = "GET"): string =>
  upgradeRequest(path, ["-Sec-WebSocket-Key", "-Sec-WebSocket-Version", ...H2C, ...headers], method);

describe("an upgrade to something else", () => {
  it("is answered as the ordinary request that it also is", async () => {
    const connection = await openRaw(port);
    connection.write(asksFor("/page?a=b"));
    const { status, body } = await connection.answer();
    expect({ status, asked: JSON.parse(body) as unknown }).toEqual({
      status: 200,
      asked: ["GET", "/page?a=b", "", {}],
    });
    await leave(connection);
  });

  it("on the path of a handler is answered with 426", async () => {
    const answer = await answerAndEnd(port, asksFor("/ws"));
    expect(answer).toMatchObject({ status: 426, headers: { upgrade: "websocket" } });
  });

  it.each([
    ["with its length", ["Content-Length: 9"], "some body"],
    ["in chunks", ["Transfer-Encoding: chunked"], "4\r\nsome\r\n5\r\n body\r\n0\r\n\r\n"],
  ])("keeps its body: %s", async (_, headers, text) => {
    const connection = await openRaw(port);
    connection.write(asksFor("/page", headers, "POST") + text);
    expect(JSON.parse((await connection.answer()).body)).toEqual(["POST", "/page", "some body", {}]);
    await leave(connection);
  });

  it("keeps a body that comes after the head", async () => {
    const connection = await openRaw(port);
    connection.write(asksFor("/page", ["Content-Length: 9"], "POST"));
    // An answer on another connection shows that the server has read the head.
    await leave(await upgradeRaw(port, "/ws"));
    connection.write("some body");
    expect(JSON.parse((await connection.answer()).body)).toEqual(["POST", "/page", "some body", {}]);
    await leave(connection);
  });

  it("keeps the connection for more requests, and for a handshake in the end", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    realProcess.on("warning", warn);
    const connection = await openRaw(port);
    for (let count = 0; count < 25; count += 1) {
      connection.write(asksFor(`/${count}`, keepAlive));
      const [, url, , headers] = JSON.parse((await connection.answer()).body) as unknown[];
      expect([url, headers]).toEqual([`/${count}`, { connection: "keep-alive" }]);
    }
    connection.write(upgradeRequest("/ws"));
    expect((await connection.answer()).status).toBe(101);
    expect((await connection.nextFrame()).payload.toString()).toBe("established");
    connection.writeFrame({ opcode: 1, payload: "hello" });
    expect((await connection.nextFrame()).payload.toString()).toBe("hello");
    await leave(connection);
    realProcess.removeListener("warning", warn);
    expect(warnings).toEqual([]);
  });

  it("keeps what was pipelined behind it", async () => {
    const connection = await openRaw(port);
    connection.write(`${asksFor("/one", keepAlive)}GET /two HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect((await connection.answer()).body).toContain("/one");
    expect((await connection.answer()).body).toContain("/two");
    await leave(connection);
  });

  it("leaves nothing behind when its client goes before the answer", async () => {
    const before = openResources();
    const connection = await openRaw(port);
    connection.write(asksFor("/slow"));
    await until("the request", () => slow.length === 1);
    connection.reset();
    await untilFreed(before);
    slow[0]!();
  });
});

describe("over TLS", () => {
  it("an upgrade to something else is answered as an ordinary request too, and handshakes go on", async () => {
    const secure = await startApplication({ components: [Echo], requestListener: page, tls: TLS });
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    for (const path of ["/one", "/two"]) {
      const sent = httpsRequest({
        agent,
        port: secure.port,
        path,
        method: "POST",
        headers: { Upgrade: "h2c", Connection: "Upgrade, keep-alive" },
      });
      sent.end("some body");
      const [response] = (await within("an answer", once(sent, "response"))) as [IncomingMessage];
      const body = await wholeText(response);
      expect(JSON.parse(body)).toEqual(["POST", path, "some body", { connection: "keep-alive" }]);
    }
    agent.destroy();

    const client = await connectClient(`${secure.url}/ws`, {
      origin: `https://localhost:${secure.port}`,
    });
    expect(await client.next()).toBe("established");
    await client.close();
  });
});

describe.each([
  ["a handshake", upgradeRequest("/ws")],
  ["an upgrade to something else", asksFor("/page")],
])("%s pipelined behind unanswered requests", (_, upgrade) => {
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

  it("is cut, and they are answered first", async () => {
    const connection = await openRaw(port);
    connection.write(get("/slow/one") + get("/slow/two") + upgrade);
    await until("the requests", () => slow.length === 2);
    slow[0]!();
    expect((await connection.answer()).body).toBe("answer to /slow/one");
    slow[1]!();
    expect((await connection.answer()).body).toBe("answer to /slow/two");
    await until("the cut", () => connection.isEnded);
    expect((await leave(connection)).toString()).toBe("");
    expect(application.get(WebSocketSessions).size).toBe(0);
  });

  it("is cut also when it comes after the first answer", async () => {
    const connection = await openRaw(port);
    connection.write(get("/slow/one") + get("/slow/two"));
    await until("the requests", () => slow.length === 2);
    slow[0]!();
    expect((await connection.answer()).body).toBe("answer to /slow/one");
    connection.write(upgrade);
    await leave(await upgradeRaw(port, "/ws"));
    slow[1]!();
    expect((await connection.answer()).body).toBe("answer to /slow/two");
    await until("the cut", () => connection.isEnded);
    expect((await leave(connection)).toString()).toBe("");
  });

  it("leaves nothing behind when the client does not wait", async () => {
    const before = openResources();
    const connection = await openRaw(port);
    connection.write(get("/slow/one") + upgrade);
    await until("the request", () => slow.length === 1);
    connection.destroy();
    await untilFreed(before);
    slow[0]!();
  });

  it("is cut by the close of the application", async () => {
    const connection = await openRaw(port);
    connection.write(get("/slow/one") + upgrade);
    await until("the request", () => slow.length === 1);
    await application.close();
    await until("the cut", () => connection.isEnded);
    expect((await leave(connection)).toString()).toBe("");
  });
});

describe("a handshake", () => {
  it("may bring frames along, which are delivered after afterConnectionEstablished", async () => {
    const connection = await openRaw(port);
    const frames = ["one", "two"].map((text) => encodeRawFrame({ opcode: 1, payload: text }));
    connection.write(Buffer.concat([Buffer.from(upgradeRequest("/ws")), ...frames]));
    expect((await connection.answer()).status).toBe(101);
    for (const text of ["established", "one", "two"]) {
      expect((await connection.nextFrame()).payload.toString()).toBe(text);
    }
    await leave(connection);
  });

  it("may name its target in the absolute form", async () => {
    const connection = await upgradeRaw(port, `http://localhost:${port}/ws?a=b`);
    expect((await connection.nextFrame()).payload.toString()).toBe("established");
    await leave(connection);
  });

  it("may follow an ordinary request on its connection", async () => {
    const connection = await openRaw(port);
    connection.write("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect((await connection.answer()).status).toBe(200);
    connection.write(upgradeRequest("/ws"));
    expect((await connection.answer()).status).toBe(101);
    await leave(connection);
  });
});
