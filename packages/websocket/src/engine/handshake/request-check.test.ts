import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import fc from "fast-check";
import { WebSocketServer } from "ws";
import { Refusal } from "../../handshake";
import { checkUpgradeRequest } from "./request-check";

type Header = readonly [name: string, value: string];
type Upgrade = [request: IncomingMessage, socket: Duplex, head: Buffer];

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const good: readonly Header[] = [
  ["Host", "server.example:8080"],
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Key", KEY],
  ["Sec-WebSocket-Version", "13"],
];
const named =
  (name: string) =>
  ([other]: Header) =>
    other.toLowerCase() === name.toLowerCase();
const without = (name: string) => good.filter((header) => !named(name)(header));
const withValue = (name: string, value: string): readonly Header[] => [...without(name), [name, value]];

const server = createServer();
const ws = new WebSocketServer({ noServer: true });

beforeAll(async () => {
  // Without a listener Node makes a plain request of each upgrade.
  server.on("upgrade", (_request, socket) => socket.on("error", () => socket.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(async () => {
  server.close();
  await once(server, "close");
});

type RequestText = { readonly method?: string; readonly version?: string; readonly body?: string };

/** The request as Node's own parser hands it over; undefined where Node refuses it by itself. */
async function receive<T>(
  headers: readonly Header[],
  { method = "GET", version = "1.1", body = "" }: RequestText,
  use: (...upgrade: Upgrade) => T | Promise<T>,
): Promise<T | undefined> {
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => client.destroy());
  client.resume();
  const finished = new AbortController();
  const { signal } = finished;
  const upgrade = once(server, "upgrade", { signal });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  client.write(Buffer.from(`${method} /ws HTTP/${version}\r\n${lines}\r\n${body}`, "latin1"));
  try {
    const received = (await Promise.race([upgrade, once(client, "close", { signal })])) as
      Upgrade | [boolean];
    if (received.length !== 3) return undefined;
    return await use(...received);
  } finally {
    finished.abort();
    client.destroy();
    const [, socket] = (await upgrade.catch(() => [])) as Partial<Upgrade>;
    socket?.destroy();
  }
}

const check = async (headers: readonly Header[], text: RequestText = {}) => {
  const result = await receive(headers, text, (request) => checkUpgradeRequest(request));
  if (result === undefined) throw new Error("Node refused the request");
  return result;
};
const refusalOf = async (headers: readonly Header[], text?: RequestText) => {
  const result = await check(headers, text);
  return result instanceof Refusal ? [result.status, result.body] : "passed";
};
const answerOfWs = (...[request, socket, head]: Upgrade) =>
  new Promise<string>((resolve) => {
    socket.once("close", () => resolve("refused"));
    ws.handleUpgrade(request, socket, head, (accepted) => {
      resolve("accepted");
      accepted.terminate();
    });
  });

const upgradeProblem = "The Upgrade header must name websocket and nothing else.";
const hostProblem = "The Host header is missing or invalid.";
const bodyProblem = "A WebSocket handshake has no body.";
const keyProblem = "The Sec-WebSocket-Key header is missing or invalid.";
const protocolProblem = "The Sec-WebSocket-Protocol header is malformed.";
const extensionProblem = "The Sec-WebSocket-Extensions header is malformed.";

describe("a handshake that passes", () => {
  it("has no sub-protocols when it names none", async () => {
    expect(await check(good)).toEqual({ subProtocols: [], extensions: {} });
  });

  it("has its sub-protocols in the order of the client", async () => {
    const headers: Header[] = [...good, ["Sec-WebSocket-Protocol", "v12.stomp, V11.stomp ,\tx"]];
    expect(await check(headers)).toMatchObject({ subProtocols: ["v12.stomp", "V11.stomp", "x"] });
  });

  it.each([
    ["Upgrade", "WebSocket"],
    ["Host", "localhost"],
    ["Host", "a_b.example:"],
    ["Host", "[::1]:8080"],
    ["Host", "127.0.0.1:65535"],
    ["Content-Length", "0"],
    ["Connection", "keep-alive, Upgrade"],
    ["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"],
    ["Sec-WebSocket-Extensions", 'foo; bar="a\\bc"; baz=1, foo'],
    ["Sec-WebSocket-Extensions", "permessage-deflate; not_known"],
  ])("may have %s: %s", async (name, value) => {
    expect(await refusalOf(withValue(name, value))).toBe("passed");
  });

  it("may have several lines of extensions", async () => {
    const lines: Header[] = [
      ["Sec-WebSocket-Extensions", "foo"],
      ["Sec-WebSocket-Extensions", "bar; baz"],
    ];
    expect(await refusalOf([...good, ...lines])).toBe("passed");
  });
});

describe("a handshake that is refused", () => {
  it.each(["POST", "HEAD", "OPTIONS", "DELETE"])("with 405 has the method %s", async (method) => {
    const result = await check(good, { method });
    expect(result).toMatchObject({ status: 405, headers: { Allow: "GET" } });
  });

  it("with 400 comes over HTTP/1.0", async () => {
    expect(await refusalOf(good, { version: "1.0" })).toEqual([400, "A WebSocket handshake needs HTTP/1.1."]);
  });

  it.each([
    ["Upgrade", "h2c", upgradeProblem],
    ["Upgrade", "websocket, h2c", upgradeProblem],
    ["Upgrade", "websocket/13", upgradeProblem],
    ["Host", "", hostProblem],
    ["Host", "a b", hostProblem],
    ["Host", "user@a", hostProblem],
    ["Host", "a/b", hostProblem],
    ["Host", "a:b", hostProblem],
    ["Host", "a:65536", hostProblem],
    ["Host", "a,b", hostProblem],
    ["Host", "::1", hostProblem],
    ["Host", "[::1", hostProblem],
    ["Host", "[::g]", hostProblem],
    ["Host", "1.2.3.4.5", hostProblem],
    ["Host", "b\u00fccher.example", hostProblem],
    ["Content-Length", "1", bodyProblem],
    ["Content-Length", "00", bodyProblem],
    ["Transfer-Encoding", "chunked", bodyProblem],
    ["Sec-WebSocket-Key", "", keyProblem],
    ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=", keyProblem],
    ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQQQ", keyProblem],
    ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ-==", keyProblem],
    ["Sec-WebSocket-Key", `${KEY}, ${KEY}`, keyProblem],
    ["Sec-WebSocket-Protocol", "", protocolProblem],
    ["Sec-WebSocket-Protocol", "a,", protocolProblem],
    ["Sec-WebSocket-Protocol", "a,,b", protocolProblem],
    ["Sec-WebSocket-Protocol", "a, b, a", protocolProblem],
    ["Sec-WebSocket-Protocol", "a b", protocolProblem],
    ["Sec-WebSocket-Protocol", "a;b", protocolProblem],
    ["Sec-WebSocket-Extensions", "", extensionProblem],
    ["Sec-WebSocket-Extensions", "a,", extensionProblem],
    ["Sec-WebSocket-Extensions", "a;", extensionProblem],
    ["Sec-WebSocket-Extensions", "a; b=", extensionProblem],
    ["Sec-WebSocket-Extensions", 'a; b="c', extensionProblem],
    ["Sec-WebSocket-Extensions", 'a; b=""', extensionProblem],
    ["Sec-WebSocket-Extensions", 'a; b="c d"', extensionProblem],
  ])("with 400 has %s: %s", async (name, value, problem) => {
    expect(await refusalOf(withValue(name, value))).toEqual([400, problem]);
  });

  it.each([
    ["Host", hostProblem],
    ["Sec-WebSocket-Key", keyProblem],
  ])("with 400 has no %s", async (name, problem) => {
    expect(await refusalOf(without(name))).toEqual([400, problem]);
  });

  it.each([
    ["Upgrade", "websocket", upgradeProblem],
    ["Host", "other.example", hostProblem],
    ["Sec-WebSocket-Key", KEY, keyProblem],
  ])("with 400 repeats %s", async (name, value, problem) => {
    expect(await refusalOf([...good, [name.toLowerCase(), value]])).toEqual([400, problem]);
  });

  it("with 400 repeats Sec-WebSocket-Protocol", async () => {
    const lines: Header[] = [
      ["Sec-WebSocket-Protocol", "a"],
      ["Sec-WebSocket-Protocol", "b"],
    ];
    expect(await refusalOf([...good, ...lines])).toEqual([400, protocolProblem]);
  });

  it.each(["8", "14", "", "013", "13, 13", "13.0", "0xd"])("with 426 has the version %j", async (version) => {
    const result = await check(withValue("Sec-WebSocket-Version", version));
    expect(result).toMatchObject({ status: 426, headers: { "Sec-WebSocket-Version": "13" } });
  });

  it("with 426 has no version, or two", async () => {
    expect(await check(without("Sec-WebSocket-Version"))).toMatchObject({ status: 426 });
    expect(await check([...good, ["Sec-WebSocket-Version", "13"]])).toMatchObject({ status: 426 });
  });

  it("hears of its first fault only", async () => {
    const faults: readonly [name: string, value: string, problem: string][] = [
      ["Upgrade", "h2c", upgradeProblem],
      ["Host", "@", hostProblem],
      ["Content-Length", "1", bodyProblem],
      ["Sec-WebSocket-Key", "x", keyProblem],
      ["Sec-WebSocket-Protocol", ",", protocolProblem],
      ["Sec-WebSocket-Extensions", ",", extensionProblem],
    ];
    for (const [index, [, , problem]] of faults.entries()) {
      const wrong = faults.slice(index).map(([name, value]): Header => [name, value]);
      const right = good.filter(([name]) => name !== "Sec-WebSocket-Version" && !wrong.some(named(name)));
      const headers: Header[] = [...right, ...wrong, ["Sec-WebSocket-Version", "8"]];
      expect(await refusalOf(headers)).toEqual([400, problem]);
      expect(await check(headers, { method: "PUT" })).toMatchObject({ status: 405 });
    }
  });

  it("is not told what it sent", async () => {
    for (const [name] of good.filter(([header]) => header !== "Connection")) {
      const result = await check(withValue(name, "<script>"));
      expect(JSON.stringify(result)).not.toContain("script");
    }
  });
});

describe("beside ws", () => {
  const token = fc.constantFrom(
    "a",
    "b",
    "V1.x",
    "permessage-deflate",
    "client_max_window_bits",
    "12",
    "__proto__",
  );
  const separator = fc.constantFrom(", ", ",", "; ", ";", "=", " ", "\t", '="', '"', "\\", "\u00ff", "");
  const list = fc
    .array(fc.tuple(token, separator), { minLength: 1, maxLength: 6 })
    .map((pairs) => pairs.flat().join("").trim());
  const tidyList = fc.uniqueArray(token, { minLength: 1, maxLength: 3 }).map((tokens) => tokens.join(", "));
  const deflateParameter = fc.constantFrom(
    "client_max_window_bits",
    "client_max_window_bits=9",
    "server_max_window_bits=16",
    "server_no_context_takeover",
    'client_no_context_takeover="x"',
    "other",
  );
  const deflate = fc
    .array(deflateParameter, { maxLength: 2 })
    .map((parameters) => ["permessage-deflate", ...parameters].join("; "));
  const line = (name: string, ...values: fc.Arbitrary<string>[]) =>
    fc.oneof(...values).map((value): Header => [name, value]);
  const extra = fc.oneof(
    line("Sec-WebSocket-Protocol", list, tidyList, tidyList),
    line("Sec-WebSocket-Extensions", list, tidyList, deflate, deflate),
    line("Sec-WebSocket-Version", fc.constantFrom("13", "8", " 13 ", "")),
    line("Sec-WebSocket-Key", fc.constantFrom(KEY, "x")),
    line("Upgrade", fc.constantFrom("websocket", "h2c")),
    line("Content-Length", fc.constantFrom("0", "3")),
    line("X-Other", list),
  );
  const change = fc.tuple(fc.integer({ min: 0, max: 3 }), extra);
  const headers = fc.array(change, { maxLength: 3 }).map((changes) =>
    changes.reduce<readonly Header[]>(
      // Mostly in place of the same header, sometimes beside it.
      (all, [kind, header]) => [
        ...(kind > 0 ? all.filter((other) => !named(header[0])(other)) : all),
        header,
      ],
      good,
    ),
  );

  it("nothing that passes is refused by ws afterwards", async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(headers, async (all) => {
        await receive(all, {}, async (...upgrade) => {
          const [request] = upgrade;
          if (checkUpgradeRequest(request) instanceof Refusal) return;
          passed++;
          expect(await answerOfWs(...upgrade)).toBe("accepted");
        });
      }),
      { numRuns: 400 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});
