import { inspect } from "node:util";
import { pino } from "pino";
import { TextWebSocketHandler, WebSocketClient } from "../src/index";
import type { ExecuteOptions, VernalError, WebSocketSession } from "../src/index";
import { closeApplications } from "./harness/application";
import { closeClients, newClient } from "./harness/clients";
import { SAMPLE_ACCEPT } from "./harness/raw-connection";
import { RawServer, stopRawServers, type RawPeer } from "./harness/raw-server";
import { openResources, untilFreed } from "./harness/resources";
import { serve } from "./harness/serve";
import { SessionRecorder } from "./harness/session-recorder";
import { TLS } from "./harness/tls";
import { until, within } from "./harness/until";

class Capable extends TextWebSocketHandler {
  readonly subProtocols = ["v2.chat", "v1.chat"];

  override afterConnectionEstablished(session: WebSocketSession<object>): void {
    void session.sendMessage(String(session.acceptedProtocol));
  }
}

afterEach(async () => {
  // First: nobody waits for their answer to a close frame then.
  await stopRawServers();
  await closeClients();
  await closeApplications();
});

/** What an attempt rejects with. */
async function failure(attempt: Promise<unknown>): Promise<VernalError> {
  return within(
    "an attempt to fail",
    attempt.then(
      () => Promise.reject(new Error("There is a session")),
      (error: VernalError) => error,
    ),
  );
}

/** A header of a request that is there once. */
function header(request: readonly string[], name: string): string | undefined {
  const [line, ...more] = request.filter((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  expect(more).toEqual([]);
  return line?.slice(name.length + 1).trim();
}

describe("a handshake", () => {
  it("asks for what RFC 6455 section 4.1 says, and no extension", async () => {
    const server = await RawServer.start();
    const executed = newClient().execute(new SessionRecorder(), `${server.url}/ws/a%20b?token=x%26y`);
    const request = await (await server.next()).accept();
    expect(request[0]).toBe("GET /ws/a%20b?token=x%26y HTTP/1.1");
    expect(header(request, "Host")).toBe(`127.0.0.1:${server.port}`);
    expect(header(request, "Upgrade")).toBe("websocket");
    expect(header(request, "Connection")).toBe("Upgrade");
    expect(header(request, "Sec-WebSocket-Version")).toBe("13");
    expect(Buffer.from(header(request, "Sec-WebSocket-Key")!, "base64")).toHaveLength(16);
    expect(header(request, "Sec-WebSocket-Extensions")).toBeUndefined();
    expect(header(request, "Sec-WebSocket-Protocol")).toBeUndefined();
    expect(header(request, "Origin")).toBeUndefined();
    await executed;
  });

  it("carries the headers, the origin and the sub-protocols of the client and of the call", async () => {
    const server = await RawServer.start();
    const client = newClient({
      headers: { Authorization: "Bearer old", "X-App": "chat" },
      origin: "https://old.example.com",
      subProtocols: ["v1.chat"],
    });
    const executed = client.execute(new Capable(), server.url, {
      headers: { authorization: "Bearer new" },
      origin: "https://chat.example.com",
      subProtocols: ["v2.chat", "v3.chat"],
    });
    const request = await (await server.next()).accept(["Sec-WebSocket-Protocol: v3.chat"]);
    expect(header(request, "Authorization")).toBe("Bearer new");
    expect(header(request, "X-App")).toBe("chat");
    expect(header(request, "Origin")).toBe("https://chat.example.com");
    expect(header(request, "Sec-WebSocket-Protocol")).toBe("v2.chat,v3.chat");
    expect((await executed).acceptedProtocol).toBe("v3.chat");
  });

  it("says user and password of the url, and the session does not tell them", async () => {
    const server = await RawServer.start();
    const url = new URL(`${server.url}/ws?room=1`);
    url.username = "ann";
    url.password = "s3cret";
    const executed = newClient().execute(new SessionRecorder(), url);
    const request = await (await server.next()).accept(["Set-Cookie: a=1", "Set-Cookie: b=2", "X-Node: 7"]);
    expect(header(request, "Authorization")).toBe(`Basic ${Buffer.from("ann:s3cret").toString("base64")}`);
    const session = await executed;
    expect(session.uri.href).toBe(`${server.url}/ws?room=1`);
    expect(session.handshakeHeaders.get("x-node")).toBe("7");
    expect(session.handshakeHeaders.get("set-cookie")).toBe("a=1, b=2");
    expect(session.pathVariables).toEqual({});
    expect(session.principal).toBeUndefined();
    expect(session.remoteAddress).toEqual({ address: "127.0.0.1", port: server.port });
    session.join("a name");
    expect([...session.groups]).toEqual(["a name"]);
  });

  it("offers what the handler speaks, and the server's choice holds", async () => {
    const handler = new Capable();
    const application = await serve(handler, { paths: ["/ws"] });
    const recorder = Object.assign(new SessionRecorder(), { subProtocols: ["v1.chat", "v2.chat"] });
    const session = await newClient().execute(recorder, `${application.url}/ws`);
    expect(session.acceptedProtocol).toBe("v1.chat");
    await until("a message", () => recorder.log.includes("text v1.chat"));
  });

  it("works over TLS with an authority of one's own, on the client or on the call", async () => {
    const application = await serve(new Capable(), {}, { tls: TLS });
    const url = `${application.url}/ws`;
    expect(url).toMatch(/^wss:/);
    const trusting = await newClient({ tls: { ca: TLS.cert } }).execute(new SessionRecorder(), url);
    expect(trusting.isOpen).toBe(true);
    const once = await newClient().execute(new SessionRecorder(), url, { tls: { ca: TLS.cert } });
    expect(once.uri.protocol).toBe("wss:");
  });
});

describe("what cannot be tried", () => {
  it.each([
    ["https://localhost/ws", `"https://localhost…"`],
    ["ws://localhost/ws#s3cret", `"ws://localhost…"`],
    ["/ws?token=s3cret", `"a text that is no url"`],
    ["ws://ann:s3cret/@localhost:99999/ws", `"a text that is no url"`],
    ["http://ann:s3cret@localhost/?s3cret", `"http://localhost…"`],
    [42 as unknown as string, "42"],
  ])("is reported: the url %s", async (url, shown) => {
    const error = await failure(newClient().execute(new SessionRecorder(), url));
    expect(error.code).toBe("VERNAL_INVALID_ARGUMENT");
    expect(error.message).toContain(`WebSocketClient got ${shown}.`);
    expect(error.message).not.toContain("s3cret");
  });

  it.each(["Host", "connection", "Upgrade", "Sec-WebSocket-Protocol", "Sec-WebSocket-Key", "Content-Length"])(
    "is reported: the header %s, which is the protocol's",
    async (name) => {
      const error = await failure(
        newClient({ headers: { [name]: "x" } }).execute(new SessionRecorder(), "ws://localhost/"),
      );
      expect(error.code).toBe("VERNAL_INVALID_ARGUMENT");
      expect(error.message).toContain(`got "${name}"`);
    },
  );

  it.each<ExecuteOptions>([
    { headers: { "a b": "s3cret" } },
    { headers: { "X-A": "s3cret\r\nX-B: 1" } },
    { origin: "s3cret\n" },
    { subProtocols: ["a b"] },
    { subProtocols: ["a", "a"] },
  ])("is reported, and no value of a header: %j", async (options) => {
    const error = await failure(newClient().execute(new SessionRecorder(), "ws://localhost/", options));
    expect(error.code).toBe("VERNAL_INVALID_ARGUMENT");
    expect(error.message).not.toContain("s3cret");
  });

  it.each([
    { connectTimeoutMs: 0 },
    { headers: "x" as never },
    { subProtocols: "v1" as never },
    { tls: 1 as never },
  ])("is reported: %j", async (options) => {
    expect(() => new WebSocketClient(options)).toThrow(/VERNAL_OPTION_OUT_OF_RANGE.* of WebSocketClient /);
    const error = await failure(newClient().execute(new SessionRecorder(), "ws://localhost/", options));
    expect(error.code).toBe("VERNAL_OPTION_OUT_OF_RANGE");
  });

  it("is reported: a limit that cannot be, and a handler that is none", async () => {
    expect(() => new WebSocketClient({ maxMessageBytes: 0 })).toThrow(
      /maxMessageBytes of WebSocketClient is 0/,
    );
    const error = await failure(newClient().execute({} as SessionRecorder, "ws://localhost/"));
    expect(error.code).toBe("VERNAL_NOT_A_HANDLER");
  });
});

describe("a refusal", () => {
  it.each([
    ["401 Unauthorized", 401, "401 Unauthorized. Say who you are"],
    ["404 Nope", 404, "404 Not Found. Mend the path"],
    ["503 Busy", 503, "503 Service Unavailable. Try again later"],
    ["299 Odd", 299, "299. Redirects are not followed"],
    ["302 Found", 302, "302 Found. Redirects are not followed"],
  ])("with %s rejects with its status and headers", async (statusLine, status, text) => {
    const before = openResources();
    const server = await RawServer.start();
    const recorder = new SessionRecorder();
    const attempt = newClient().execute(recorder, `${server.url}/ws/chat?token=s3cret`);
    const peer = await server.next();
    const refused = failure(attempt);
    await peer.refuse(statusLine, ["Retry-After: 7", "Location: ws://127.0.0.1:1/"]);
    const error = await refused;
    expect(error.code).toBe("VERNAL_HANDSHAKE_REFUSED");
    expect(error.message).toContain(`${server.url}/ws/chat answered the handshake with ${text}`);
    expect(error.message).not.toContain("s3cret");
    expect(error.answer).toMatchObject({ status, headers: { "retry-after": "7" } });
    expect(recorder.log).toEqual([]);
    await until("the client to leave", () => peer.isEnded);
    await stopRawServers();
    await untilFreed(before);
  });

  it("does not show the headers of the answer to a logger", async () => {
    const server = await RawServer.start();
    const refused = failure(newClient().execute(new SessionRecorder(), server.url));
    await (await server.next()).refuse("403 Forbidden", ["Set-Cookie: s3cret"]);
    const error = await refused;
    expect(error.answer?.headers["set-cookie"]).toEqual(["s3cret"]);
    expect(JSON.stringify(pino.stdSerializers.err(error)) + inspect(error)).not.toContain("s3cret");
  });
});

describe("where there is no WebSocket", () => {
  it.each<[what: string, answer: (peer: RawPeer) => Promise<unknown>, text: string]>([
    [
      "nothing but a 101",
      async (peer) => {
        await peer.request();
        const upgrade = "Upgrade: websocket\r\nConnection: Upgrade";
        peer.socket.write(`HTTP/1.1 101 OK\r\n${upgrade}\r\nSec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`);
      },
      "Invalid Sec-WebSocket-Accept header. See whether a WebSocket server answers there",
    ],
    [
      "a sub-protocol that was not offered",
      (peer) => peer.accept(["Sec-WebSocket-Protocol: v9.chat"]),
      "Offer in subProtocols what the server supports, or nothing",
    ],
    [
      "an extension that was not offered",
      (peer) => peer.accept(["Sec-WebSocket-Extensions: x"]),
      "extension",
    ],
    ["another protocol", async (peer) => peer.socket.write("220 mail.example.com ESMTP\r\n"), "Parse Error"],
    ["an end", async (peer) => peer.socket.destroy(), "the server cut it before it answered"],
  ])("%s is a failure that says so", async (_, answer, text) => {
    const before = openResources();
    const server = await RawServer.start();
    const failed = failure(newClient().execute(new SessionRecorder(), `${server.url}/ws?token=s3cret`));
    const peer = await server.next();
    await answer(peer);
    const error = await failed;
    expect(error.code).toBe("VERNAL_CANNOT_CONNECT");
    expect(error.message).toContain(`There is no connection to ${server.url}/ws: `);
    expect(error.message).toContain(text);
    expect(error.message).not.toContain("s3cret");
    await until("the client to leave", () => peer.isEnded);
    await stopRawServers();
    await untilFreed(before);
  });

  it("a server that takes no offered sub-protocol is a failure", async () => {
    const application = await serve(new Capable());
    const attempt = newClient().execute(new SessionRecorder(), `${application.url}/ws`, {
      subProtocols: ["v9.chat"],
    });
    expect((await failure(attempt)).message).toContain("Server sent no subprotocol. Offer in subProtocols");
  });

  it("nobody listens", async () => {
    const server = await RawServer.start();
    const { url } = server;
    await server.stop();
    const error = await failure(newClient().execute(new SessionRecorder(), url));
    expect(error.code).toBe("VERNAL_CANNOT_CONNECT");
    expect(error.message).toContain("nothing listens there. Start the server");
    expect((error.cause as NodeJS.ErrnoException).code).toBe("ECONNREFUSED");
  });

  it("nobody is trusted", async () => {
    const application = await serve(new Capable(), {}, { tls: TLS });
    const error = await failure(newClient().execute(new SessionRecorder(), `${application.url}/ws`));
    expect(error.code).toBe("VERNAL_CANNOT_CONNECT");
    expect(error.message).toContain("Give the certificate of its authority by tls: { ca }.");
  });

  it("nobody speaks TLS", async () => {
    const application = await serve(new Capable());
    const url = `wss://localhost:${application.port}/ws`;
    const error = await failure(newClient().execute(new SessionRecorder(), url));
    expect(error.code).toBe("VERNAL_CANNOT_CONNECT");
    expect(error.message).toContain("take ws:// instead of wss://");
  });
});

describe("connectTimeoutMs", () => {
  const drip = (peer: RawPeer): void => {
    const timer = setInterval(() => peer.socket.write("H"), 1);
    peer.socket.write("HTTP/1.1 101 OK\r\nX-Drip: ");
    peer.socket.on("close", () => clearInterval(timer));
  };

  it.each<[what: string, behave: (peer: RawPeer) => void]>([
    ["says nothing", () => {}],
    ["never finishes", drip],
  ])("ends the wait for a server that %s", async (_, behave) => {
    const before = openResources();
    const server = await RawServer.start();
    const client = newClient({ connectTimeoutMs: 60 });
    const failed = failure(client.execute(new SessionRecorder(), `${server.url}/ws?token=s3cret`));
    const peer = await server.next();
    behave(peer);
    const error = await failed;
    expect(error.code).toBe("VERNAL_CONNECT_TIMEOUT");
    expect(error.message).toContain(`${server.url}/ws: the handshake was not answered within 60 ms.`);
    await until("the client to leave", () => peer.isEnded);
    await stopRawServers();
    await untilFreed(before);
  });

  it("ends it also within TLS", async () => {
    const server = await RawServer.start();
    const url = server.url.replace("ws:", "wss:");
    const error = await failure(newClient({ connectTimeoutMs: 60 }).execute(new SessionRecorder(), url));
    expect(error.code).toBe("VERNAL_CONNECT_TIMEOUT");
  });

  it("is over with the session", async () => {
    const server = await RawServer.start();
    const before = openResources();
    const executed = newClient().execute(new SessionRecorder(), server.url);
    await (await server.next()).accept();
    expect((await executed).isOpen).toBe(true);
    // One is there instead: the sweep of the session that has begun.
    expect(openResources().get("Timeout") ?? 0).toBe((before.get("Timeout") ?? 0) + 1);
  });
});

describe("an attempt that is given up", () => {
  it("by its signal rejects with the signal's reason and leaves", async () => {
    const before = openResources();
    const server = await RawServer.start();
    const giveUp = new AbortController();
    const failed = failure(newClient().execute(new SessionRecorder(), server.url, { signal: giveUp.signal }));
    const peer = await server.next();
    await peer.request();
    const reason = new Error("changed my mind");
    giveUp.abort(reason);
    expect(await failed).toBe(reason);
    await until("the client to leave", () => peer.isEnded);
    await stopRawServers();
    await untilFreed(before);
  });

  it("before it begins does not begin", async () => {
    const server = await RawServer.start();
    const signal = AbortSignal.abort();
    const error = await failure(newClient().execute(new SessionRecorder(), server.url, { signal }));
    expect(error.name).toBe("AbortError");
    expect(server.peers).toEqual([]);
  });

  it("after the session is open does not touch it", async () => {
    const server = await RawServer.start();
    const giveUp = new AbortController();
    const executed = newClient().execute(new SessionRecorder(), server.url, { signal: giveUp.signal });
    const peer = await server.next();
    await peer.accept();
    const session = await executed;
    giveUp.abort();
    await session.sendMessage("still here");
    expect((await peer.frame()).payload.toString()).toBe("still here");
  });

  it("by the end of its client rejects with VERNAL_CLIENT_CLOSED", async () => {
    const before = openResources();
    const server = await RawServer.start();
    const client = newClient();
    const failed = failure(client.execute(new SessionRecorder(), server.url));
    const peer = await server.next();
    await client.close();
    expect((await failed).code).toBe("VERNAL_CLIENT_CLOSED");
    expect((await failure(client.execute(new SessionRecorder(), server.url))).code).toBe(
      "VERNAL_CLIENT_CLOSED",
    );
    await until("the client to leave", () => peer.isEnded);
    await stopRawServers();
    await untilFreed(before);
  });
});
