import { TextWebSocketHandler, WebSocketHandler, refuse, type HandshakeInterceptor } from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { SAMPLE_ACCEPT, leave, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { openResources } from "./harness/resources";
import { until } from "./harness/until";

const asked: string[] = [];
const interceptor: HandshakeInterceptor = {
  beforeHandshake: (request) => void asked.push(request.uri.pathname),
};

@WebSocketHandler(["/ws", "/ws/rooms/{room}"], { interceptors: [interceptor] })
class Quiet extends TextWebSocketHandler {}

@WebSocketHandler("/ws/guarded", { interceptors: [{ beforeHandshake: () => refuse(401) }] })
class Guarded extends TextWebSocketHandler {}

const { logger, lines } = recordingLogger("debug");
let port: number;

beforeAll(async () => {
  ({ port } = await startApplication({ components: [Quiet, Guarded], logger }));
});
beforeEach(() => {
  asked.length = 0;
  lines.length = 0;
});
afterAll(closeApplications);

const foreign = "Origin: https://elsewhere.example";
const oldVersion = "Sec-WebSocket-Version: 8";
const allow = { allow: "GET" };
const version = { "sec-websocket-version": "13" };

describe("a handshake in order", () => {
  it("is answered with 101 and the accept key of RFC 6455", async () => {
    const connection = await openRaw(port);
    connection.write(upgradeRequest("/ws"));
    const { status, headers } = await connection.answer();
    expect({ status, headers }).toEqual({
      status: 101,
      headers: { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": SAMPLE_ACCEPT },
    });
    expect(asked).toEqual(["/ws"]);
    await leave(connection);
  });

  it.each([
    ["names Upgrade in another case", "/ws", ["Upgrade: WebSocket", "Connection: keep-alive, UPGRADE"]],
    ["has a query", "/ws?token=x", []],
    ["names a path variable with an escape", "/ws/rooms/a%2Fb", []],
    ["announces an empty body", "/ws", ["Content-Length: 0"]],
    ["offers an extension that nobody knows", "/ws", ["Sec-WebSocket-Extensions: foo; bar=1"]],
    ["comes from this server's own page", "/ws", ["Origin: http://localhost"]],
  ])("is answered with 101 also when it %s", async (_, path, changes) => {
    const connection = await upgradeRaw(port, path, changes);
    await leave(connection);
  });
});

describe("a handshake is refused", () => {
  it.each<[why: string, status: number, headers: Record<string, string>, request: string]>([
    ["for an unknown path", 404, {}, upgradeRequest("/elsewhere")],
    ["for a path that a variable would leave empty", 404, {}, upgradeRequest("/ws/rooms/")],
    ["for a bad escape", 400, {}, upgradeRequest("/ws/rooms/%zz")],
    ["for a method other than GET", 405, allow, upgradeRequest("/ws", [], "POST")],
    ["for HEAD", 405, allow, upgradeRequest("/ws", [], "HEAD")],
    ["for HTTP/1.0", 400, {}, upgradeRequest("/ws").replace("HTTP/1.1", "HTTP/1.0")],
    ["for an Upgrade to more than websocket", 400, {}, upgradeRequest("/ws", ["Upgrade: websocket, h2c"])],
    ["for two Upgrades", 400, {}, upgradeRequest("/ws", ["Upgrade: websocket", "Upgrade: websocket"])],
    ["without a Host", 400, {}, upgradeRequest("/ws", ["-Host"])],
    ["with two Hosts", 400, {}, upgradeRequest("/ws", ["Host: localhost", "Host: other.example"])],
    ["with a body", 400, {}, `${upgradeRequest("/ws", ["Content-Length: 4"])}body`],
    [
      "with a Transfer-Encoding",
      400,
      {},
      `${upgradeRequest("/ws", ["Transfer-Encoding: chunked"])}0\r\n\r\n`,
    ],
    ["without a key", 400, {}, upgradeRequest("/ws", ["-Sec-WebSocket-Key"])],
    ["for a key of another length", 400, {}, upgradeRequest("/ws", ["Sec-WebSocket-Key: AAAA"])],
    ["for a sub-protocol named twice", 400, {}, upgradeRequest("/ws", ["Sec-WebSocket-Protocol: a, a"])],
    ["for a torn list of extensions", 400, {}, upgradeRequest("/ws", ["Sec-WebSocket-Extensions: a;"])],
    ["for another version", 426, version, upgradeRequest("/ws", [oldVersion])],
    ["without a version", 426, version, upgradeRequest("/ws", ["-Sec-WebSocket-Version"])],
    ["for a forbidden origin", 403, {}, upgradeRequest("/ws", [foreign])],
  ])("%s: %i", async (_, status, headers, request) => {
    const answer = await answerAndEnd(port, request);
    expect(answer).toMatchObject({ status, headers });
    expect(asked).toEqual([]);
  });
});

it("a refusal does not wait for the client to end its side", async () => {
  const sockets = () => openResources().get("TCPSocketWrap") ?? 0;
  const before = sockets();
  const connection = await openRaw(port);
  connection.write(upgradeRequest("/elsewhere"));
  await connection.answer();
  await until("the server's socket to be gone", () => sockets() <= before + 1);
  expect(connection.isEnded).toBe(false);
  await leave(connection);
});

describe("of several faults the first counts", () => {
  const no = { key: "-Sec-WebSocket-Key", host: "-Host" };
  it.each<[first: string, then: string, status: number, request: string]>([
    ["an unknown path", "a bad method", 404, upgradeRequest("/elsewhere", [], "POST")],
    ["a bad escape", "a bad method", 400, upgradeRequest("/ws/%", [], "POST")],
    ["a bad method", "a missing Host", 405, upgradeRequest("/ws", [no.host], "POST")],
    ["a bad method", "a forbidden origin", 405, upgradeRequest("/ws", [foreign], "POST")],
    ["a missing Host", "a bad version", 400, upgradeRequest("/ws", [no.host, oldVersion])],
    ["a missing key", "a bad version", 400, upgradeRequest("/ws", [no.key, oldVersion])],
    ["a missing key", "a forbidden origin", 400, upgradeRequest("/ws", [no.key, foreign])],
    ["a bad version", "a forbidden origin", 426, upgradeRequest("/ws", [oldVersion, foreign])],
  ])("%s before %s", async (_first, _then, status, request) => {
    expect(await answerAndEnd(port, request)).toMatchObject({ status });
  });
});

describe("the log of a refusal", () => {
  const refusals = () => lines.filter(({ msg }) => msg.startsWith("handshake refused"));

  it("is one line with status, path, origin and address, without the query", async () => {
    await answerAndEnd(port, upgradeRequest("/ws/rooms/secret?token=secret", [foreign]));
    expect(refusals()).toEqual([
      expect.objectContaining({
        level: 30,
        msg: "handshake refused: This origin is not allowed.",
        status: 403,
        path: "/ws/rooms/{room}",
        origin: "https://elsewhere.example",
        remoteAddress: expect.stringContaining("127.0.0.1") as string,
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  it("names the status where it has no text", async () => {
    await answerAndEnd(port, upgradeRequest("/ws/guarded"));
    expect(refusals()).toEqual([
      expect.objectContaining({ status: 401, msg: "handshake refused: Unauthorized" }),
    ]);
  });

  it("is at info for the first ten unknown paths, which are mostly misspelt, and at debug from then on", async () => {
    const { port } = await startApplication({ components: [], logger });
    lines.length = 0;
    for (let count = 0; count < 12; count += 1) await answerAndEnd(port, upgradeRequest("/helo"));
    expect(refusals().map(({ level }) => level)).toEqual([...Array<number>(10).fill(30), 20, 20]);
  });

  it("escapes the control characters of a peer", async () => {
    await answerAndEnd(port, upgradeRequest("/elsewhere", ["Origin: \u0085\u009b31m"]));
    expect(refusals()).toEqual([expect.objectContaining({ status: 404, path: "/elsewhere" })]);
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(refusals()[0]!["origin"]).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});
