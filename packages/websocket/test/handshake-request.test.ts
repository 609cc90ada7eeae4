import {
  TextWebSocketHandler,
  WebSocketHandler,
  type HandshakeInterceptor,
  type HandshakeRequest,
} from "../src/index";
import { closeApplications, startApplication } from "./harness/application";
import { leave, upgradeRaw } from "./harness/raw-connection";

let look: (request: HandshakeRequest) => void = () => {};
let remoteAddressAfter: string | undefined;
const interceptor: HandshakeInterceptor = {
  beforeHandshake: (request) => look(request),
  afterHandshake: (request) => void (remoteAddressAfter = request.remoteAddress),
};

@WebSocketHandler(["/ws", "/ws/rooms/{room}/{seat}"], { interceptors: [interceptor] })
class Quiet extends TextWebSocketHandler {}

let port: number;

beforeAll(async () => {
  ({ port } = await startApplication({ components: [Quiet], host: "127.0.0.1" }));
});
afterAll(closeApplications);

/** What an interceptor sees in a request. */
async function seen<T>(
  path: string,
  headers: readonly string[],
  read: (request: HandshakeRequest) => T,
): Promise<T> {
  const values: T[] = [];
  look = (request) => void values.push(read(request));
  const connection = await upgradeRaw(port, path, headers);
  await leave(connection);
  expect(values).toHaveLength(1);
  return values[0]!;
}

describe("the request of a handshake", () => {
  it("has the method, and Node's own request", async () => {
    const read = (request: HandshakeRequest): unknown => [
      request.method,
      request.raw.url,
      request.raw.method,
    ];
    expect(await seen("/ws?a=b", [], read)).toEqual(["GET", "/ws?a=b", "GET"]);
  });

  it.each([
    ["/ws?a=b%20c&a=d", "ws://chat.example:8080/ws?a=b%20c&a=d"],
    ["http://other.example/ws?a", "ws://chat.example:8080/ws?a"],
  ])("has the address with host and query: %s", async (target, uri) => {
    expect(await seen(target, ["Host: chat.example:8080"], (request) => request.uri.href)).toBe(uri);
  });

  it("has the variables of the path, decoded once", async () => {
    const path = "/ws/rooms/a%2Fb%2525/%ED%95%9C";
    const variables = await seen(path, [], (request) => ({ ...request.pathVariables }));
    expect(variables).toEqual({ room: "a/b%25", seat: "한" });
  });

  it("has headers whose names are compared without case", async () => {
    const lines = ["X-Token: one", "Accept-Language: ko", "Accept-Language: de"];
    const read = ({ headers }: HandshakeRequest): unknown => [
      headers.get("x-tOKEN"),
      headers.get("ACCEPT-LANGUAGE"),
      headers.has("X-TOKEN"),
      headers.has("x-other"),
      headers.get("constructor"),
      [...headers].map(([name]) => name),
    ];
    expect(await seen("/ws", lines, read)).toEqual([
      "one",
      "ko, de",
      true,
      false,
      undefined,
      [
        "host",
        "upgrade",
        "connection",
        "sec-websocket-key",
        "sec-websocket-version",
        "x-token",
        "accept-language",
      ],
    ]);
  });

  it("has the cookies, decoded", async () => {
    const cookies = await seen(
      "/ws",
      ["Cookie: id=a%20b; __proto__=x; empty="],
      (request) => request.cookies,
    );
    expect(cookies["id"]).toBe("a b");
    expect(cookies["empty"]).toBe("");
    expect(cookies["other"]).toBeUndefined();
    expect("toString" in cookies).toBe(false);
  });

  it("has no cookies where none came", async () => {
    expect(Object.keys(await seen("/ws", [], (request) => request.cookies))).toEqual([]);
  });

  it("has the origin where there is one", async () => {
    const origin = "http://localhost";
    expect(await seen("/ws", [`Origin: ${origin}`], (request) => request.origin)).toBe(origin);
    expect(await seen("/ws", [], (request) => [request.origin])).toEqual([undefined]);
  });

  it("has the offered sub-protocols in the order of the client", async () => {
    const offer = ["Sec-WebSocket-Protocol: v2, V1,chat"];
    expect(await seen("/ws", offer, (request) => request.subProtocols)).toEqual(["v2", "V1", "chat"]);
    expect(await seen("/ws", [], (request) => request.subProtocols)).toEqual([]);
  });

  it("has the address of the peer, also in afterHandshake", async () => {
    expect(await seen("/ws", [], (request) => request.remoteAddress)).toBe("127.0.0.1");
    expect(remoteAddressAfter).toBe("127.0.0.1");
  });

  it("has a signal that does not abort when the session opens", async () => {
    const signal = await seen("/ws", [], (request) => request.signal);
    expect(signal.aborted).toBe(false);
  });
});
