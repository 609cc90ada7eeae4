import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CloseStatus,
  refuse,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { connectTestClient, startTestApplication } from "@vernal/testing";
import { TLS } from "./fixtures/tls";

const login: HandshakeHandler = {
  determineUser: ({ headers }) => {
    const name = headers.get("x-user");
    return name === undefined ? refuse(401, "Who are you?") : { name };
  },
};

@WebSocketHandler("/ws/greet", { subProtocols: ["v1"], handshakeHandler: login })
class GreetingHandler extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, { payload }: TextMessage): void {
    if (payload === "close") session.close(new CloseStatus(4001));
    else
      void session.sendMessage(JSON.stringify({ text: `Hello ${payload}`, user: session.principal?.name }));
  }
}

const headers = { "X-User": "ada" };

describe("a client of any server", () => {
  it.each([{}, { tls: TLS }])("is like one of a test application, with %p", async (options) => {
    await using application = await startTestApplication({ components: [GreetingHandler], ...options });
    const url = `${application.url}/ws/greet?x=1`;
    await using client = await connectTestClient(url, { headers, subProtocols: ["v1"] });
    client.send("Ada");
    expect(await client.nextJson()).toMatchObject({ text: "Hello Ada", user: "ada" });
    await client.roundTrip();
    expect([client.path, client.acceptedProtocol]).toEqual(["/ws/greet?x=1", "v1"]);
    const [session] = application.get(WebSocketSessions);
    expect([session!.uri.search, session!.remoteAddress?.port]).toEqual(["?x=1", client.port]);
    expect(() => application.sessionOf(client)).toThrow("[VERNAL_TEST_NO_SESSION]");
    client.send("close");
    expect((await client.closed()).code).toBe(4001);
  });

  it("fails with the answer of the server, or says that there is none", async () => {
    const application = await startTestApplication({ components: [GreetingHandler] });
    const url = `${application.url}/ws/greet`;
    await expect(connectTestClient(url)).rejects.toMatchObject({
      code: "VERNAL_TEST_HANDSHAKE_REFUSED",
      answer: { status: 401 },
      message: expect.stringContaining(`connectTestClient("${url}") was answered with 401`) as string,
    });
    await application.close();
    await expect(connectTestClient(url)).rejects.toMatchObject({
      code: "VERNAL_TEST_NO_HANDSHAKE",
      message: expect.stringMatching(
        /connectTestClient\("ws:.*"\) .*: connect ECONNREFUSED .*\. See whether the server has started/,
      ) as string,
    });
  });

  it("sends the user of an address", async () => {
    const asked: IncomingHttpHeaders[] = [];
    const server = createServer();
    server.on("upgrade", (request, socket) => {
      asked.push(request.headers);
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    });
    await new Promise<void>((listening) => server.listen(0, listening));
    const { port } = server.address() as AddressInfo;
    await expect(connectTestClient(`ws://ada:secret@localhost:${port}/ws`)).rejects.toMatchObject({
      answer: { status: 401 },
    });
    const expected = `Basic ${Buffer.from("ada:secret").toString("base64")}`;
    expect(asked.map(({ authorization }) => authorization)).toEqual([expected]);
    await new Promise((closed) => server.close(closed));
  });

  it.each([
    ["/ws", {}],
    ["http://localhost/ws", {}],
    ["ws://localhost/ws#part", {}],
    ["ws://localhost/ws", { remoteAddress: "bogus" }],
    ["ws://localhost/ws", { timeoutMs: -1 }],
    ["ws://localhost/ws", { subProtocols: ["a b"] }],
  ])("refuses what cannot be asked: %p with %p", async (url, options) => {
    await expect(connectTestClient(url, options)).rejects.toMatchObject({
      code: "VERNAL_TEST_INVALID_ARGUMENT",
      message: expect.stringContaining(`connectTestClient("${url}")`) as string,
    });
  });
});
