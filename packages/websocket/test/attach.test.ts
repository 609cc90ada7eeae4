import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text as wholeText } from "node:stream/consumers";
import type { RawConnection } from "@vernal/testing";
import {
  Component,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketHandler,
  WebSocketSessions,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { recordingLogger } from "./harness/application";
import { attach, closeHosts, listen } from "./harness/attached";
import { connectClient } from "./harness/client";
import { compileSnippets } from "./harness/compile";
import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { openResources, untilFreed } from "./harness/resources";
import { TLS } from "./harness/tls";
import { until } from "./harness/until";

@WebSocketHandler("/ws")
class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(`echo ${message.payload}`);
  }
}

/** Answers what it got, `/slow` only when a test says so. */
function host(): { readonly server: Server; readonly slow: (() => void)[] } {
  const slow: (() => void)[] = [];
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/slow")) slow.push(() => response.end(`answer to ${request.url}`));
    else void wholeText(request).then((body) => response.end(`${request.method} ${request.url} ${body}`));
  });
  return { server, slow };
}

async function answer(port: number, request: string): ReturnType<RawConnection["answer"]> {
  const connection = await openRaw(port);
  connection.write(request);
  const given = await connection.answer();
  await leave(connection);
  return given;
}

const plain = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

afterEach(closeHosts);

describe("an attached application", () => {
  it("serves its paths before and after the server listens", async () => {
    const early = host().server;
    const application = await attach(early, { components: [Echo] });
    const late = host().server;
    await listen(late);
    const other = await attach(late, { components: [Echo] });
    expect(application.get(Echo)).toBeInstanceOf(Echo);
    await listen(early);
    for (const { url } of [application, other]) {
      const client = await connectClient(`${url}/ws`);
      client.send("hello");
      expect(await client.next()).toBe("echo hello");
      await client.close();
    }
  });

  it("has the port and the url of its server, once that listens", async () => {
    const { server } = host();
    const application = await attach(server, { components: [Echo] });
    for (const read of [() => application.port, () => application.url]) {
      expect(read).toThrow("[VERNAL_NOT_LISTENING]");
      expect(read).toThrow(/does not listen/);
    }
    const port = await listen(server);
    expect([application.port, application.url]).toEqual([port, `ws://localhost:${port}`]);
  });

  it("has no port on a socket of Unix, and says so", async () => {
    const { server } = host();
    const application = await attach(server, { components: [Echo] });
    const path = join(tmpdir(), `vernal-attach-${process.pid}.sock`);
    server.listen(path);
    await once(server, "listening");
    expect(() => application.port).toThrow(`listens on ${JSON.stringify(path)}, which has no port`);
    server.close();
  });

  it("works over TLS", async () => {
    const server = createTlsServer(TLS, (request, response) => void response.end(`page ${request.url}`));
    const application = await attach(server, { components: [Echo] });
    await listen(server);
    expect(application.url).toMatch(/^wss:/);
    const client = await connectClient(`${application.url}/ws`, {
      origin: application.url.replace("wss", "https"),
    });
    client.send("hello");
    expect(await client.next()).toBe("echo hello");
    await client.close();
  });

  it("leaves plain requests to the host, also those for its paths", async () => {
    const { server } = host();
    await attach(server, { components: [Echo] });
    const port = await listen(server);
    for (const path of ["/ws", "/page"]) {
      expect(await answer(port, plain(path))).toMatchObject({ status: 200, body: `GET ${path} ` });
    }
  });

  it("answers for another path with 404 at once, where nobody else listens", async () => {
    const { server } = host();
    await attach(server, { components: [Echo] });
    const port = await listen(server);
    expect(await answerAndEnd(port, upgradeRequest("/other"))).toMatchObject({ status: 404 });
    expect(await answerAndEnd(port, upgradeRequest("/%zz"))).toMatchObject({ status: 400 });
  });

  it("cuts an upgrade behind an unanswered request of the host after the answer", async () => {
    const { server, slow } = host();
    const application = await attach(server, { components: [Echo] });
    const port = await listen(server);
    for (const path of ["/ws", "/other"]) {
      const connection = await openRaw(port);
      connection.write(plain("/slow/one") + plain("/slow/two") + upgradeRequest(path));
      await until("the requests", () => slow.length === 2);
      for (const finish of slow.splice(0)) finish();
      expect((await connection.answer()).body).toBe("answer to /slow/one");
      expect((await connection.answer()).body).toBe("answer to /slow/two");
      await until("the cut", () => connection.isEnded);
      expect((await leave(connection)).toString()).toBe("");
    }
    expect(application.get(WebSocketSessions).size).toBe(0);
  });

  it("takes an upgrade behind an answered request", async () => {
    const { server } = host();
    await attach(server, { components: [Echo] });
    const connection = await openRaw(await listen(server));
    connection.write(plain("/page"));
    expect((await connection.answer()).body).toBe("GET /page ");
    connection.write(upgradeRequest("/ws"));
    expect((await connection.answer()).status).toBe(101);
    await leave(connection);
  });

  it("gives an upgrade to something else to the host, with its body", async () => {
    const { server } = host();
    await attach(server, { components: [Echo] });
    const port = await listen(server);
    const h2c = ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABk"];
    const connection = await openRaw(port);
    connection.write(`${upgradeRequest("/ws", [...h2c, "Content-Length: 9"], "POST")}some body`);
    expect(await connection.answer()).toMatchObject({ status: 200, body: "POST /ws some body" });
    await leave(connection);
  });

  it("leaves the errors of the host to the host", async () => {
    const { server } = host();
    const errors: string[] = [];
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      errors.push(String(error.code));
      socket.end("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    await attach(server, { components: [Echo] });
    const port = await listen(server);
    const connection = await openRaw(port);
    connection.write("no request\r\n\r\n");
    expect((await connection.answer()).status).toBe(418);
    expect(errors).toEqual(["HPE_INVALID_METHOD"]);
    await leave(connection);
    expect(server.listenerCount("error")).toBe(0);
  });

  it("leaves what another listener throws to it, and goes on", async () => {
    const { server } = host();
    const application = await attach(server, { components: [Echo] });
    server.on("upgrade", (request) => {
      if (request.url === "/ws?throw") throw new Error("of the host");
    });
    // By hand, because from a socket it would end the process.
    const request = { url: "/ws?throw", headers: { upgrade: "websocket" }, rawHeaders: [] };
    expect(() => server.emit("upgrade", request, new PassThrough(), Buffer.alloc(0))).toThrow("of the host");
    await listen(server);
    await (await connectClient(`${application.url}/ws`)).close();
  });

  it("leaves no socket and no timer behind", async () => {
    const { server } = host();
    const before = openResources();
    const application = await attach(server, { components: [Echo] });
    await listen(server);
    const client = await connectClient(`${application.url}/ws`);
    await application.close();
    await client.closed();
    server.close();
    await untilFreed(before);
  });
});

describe("WebSocketApplication.attach", () => {
  it("rejects with every problem, prints nothing and leaves the server alone", async () => {
    class Undecorated {}
    const { server } = host();
    const before = listeners(server);
    const write = jest.spyOn(process.stderr, "write");
    const attaching = attach(server, { components: [Undecorated], drainTimeoutMs: -1 });
    const error = (await attaching.catch((thrown: unknown) => thrown)) as { readonly problems: object[] };
    expect(error).toMatchObject({ code: "VERNAL_BOOT_FAILED" });
    expect(error.problems).toMatchObject([
      { code: "VERNAL_OPTION_OUT_OF_RANGE" },
      { code: "VERNAL_NOT_A_COMPONENT" },
    ]);
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
    expect(process.exitCode).toBeUndefined();
    expect(listeners(server)).toEqual(before);
  });

  it.each([
    ["an express application", () => {}],
    ["nothing", undefined],
    ["a fastify instance", { server: {} }],
  ])("says what it needs when it gets %s", async (_, value) => {
    const attaching = WebSocketApplication.attach(value as unknown as Server, { components: [Echo] });
    await expect(attaching).rejects.toMatchObject({ problems: [{ code: "VERNAL_NOT_A_SERVER" }] });
  });

  it("takes no signals", async () => {
    const counts = (): number[] => ["SIGTERM", "SIGINT"].map((signal) => process.listenerCount(signal));
    const before = counts();
    await attach(host().server, { components: [Echo] });
    expect(counts()).toEqual(before);
  });

  it("listens only after its components have started", async () => {
    const { server } = host();
    const seen: number[] = [];
    @Component()
    class Slow {
      async start(): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(server.listenerCount("upgrade"));
      }
    }
    await attach(server, { components: [Echo, Slow] });
    expect([...seen, server.listenerCount("upgrade")]).toEqual([0, 1]);
  });

  it("writes its endpoints to the log, and no address", async () => {
    const { logger, lines } = recordingLogger("info");
    await attach(host().server, { components: [Echo], logger });
    expect(lines.map(({ msg }) => msg)).toEqual([
      "/ws -> Echo (same origin)",
      "attached to the server of its host",
    ]);
  });

  it("has no options for what is the host's", () => {
    const call = (options: string): string =>
      `import { createServer } from "node:http";
       import { WebSocketApplication } from "@vernal/websocket";
       void WebSocketApplication.attach(createServer(), { ${options} });`;
    const wrong = ["port: 0", 'host: ""', "tls: {}", "requestListener() {}", 'plainRequests: "426"'];
    wrong.push("headersTimeoutMs: 1", "signals: []");
    const right = "scan: [], components: [], drainTimeoutMs: 1, maxMessageBytes: 1";
    const errors = compileSnippets(Object.fromEntries([right, ...wrong].map((each) => [each, call(each)])));
    expect(errors[right]).toEqual([]);
    for (const each of wrong) expect(errors[each]).toEqual([expect.stringContaining("known properties")]);
  }, 30_000);
});

function listeners(server: Server): Record<string, number> {
  const names = [...server.eventNames()].map(String).sort();
  return Object.fromEntries(names.map((name) => [name, server.listenerCount(name)]));
}
