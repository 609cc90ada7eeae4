import { networkInterfaces } from "node:os";
import type { WebSocketApplicationOptions } from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { Observing, type View } from "./harness/client-view";
import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { serve } from "./harness/serve";
import { until } from "./harness/until";

const handler = new Observing();

beforeEach(() => {
  handler.views.length = 0;
});
afterAll(closeApplications);

async function listen(
  trustedProxies: readonly string[] | undefined,
  options: WebSocketApplicationOptions = { host: "127.0.0.1" },
): Promise<number> {
  const trust = trustedProxies === undefined ? {} : { trustedProxies };
  return (await serve(handler, { interceptors: [handler] }, { ...options, ...trust })).port;
}

/** How the application sees a client that comes with these headers. */
async function viewOf(port: number, headers: readonly string[], host?: string): Promise<View> {
  const connection = await openRaw(port, host);
  const own = headers.some((header) => header.startsWith("Host: ")) ? [] : ["Host: inside:8080"];
  connection.write(upgradeRequest("/ws?a=b", [...own, ...headers]));
  const { status } = await connection.answer();
  expect(status).toBe(101);
  await until("the session", () => handler.views.length === 1);
  await leave(connection);
  return handler.views.pop()!;
}

async function statusOf(port: number, headers: readonly string[]): Promise<number> {
  const connection = await openRaw(port);
  connection.write(upgradeRequest("/ws", ["Host: inside:8080", ...headers]));
  const { status } = await connection.answer();
  await leave(connection);
  return status;
}

const forwarded = [
  "X-Forwarded-For: 203.0.113.7",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Host: chat.example",
  "X-Forwarded-Port: 8443",
];

describe("what a trusted proxy says", () => {
  let port: number;
  beforeAll(async () => {
    port = await listen(["127.0.0.1"]);
  });

  it("is what request and session show", async () => {
    expect(await viewOf(port, forwarded)).toEqual({
      requestUri: "wss://chat.example:8443/ws?a=b",
      requestAddress: "203.0.113.7",
      uri: "wss://chat.example:8443/ws?a=b",
      address: { address: "203.0.113.7", port: undefined },
    });
  });

  it.each([
    ["the page that the client sees may connect", "https://chat.example:8443", 101],
    ["the same host with another scheme may not", "http://chat.example:8443", 403],
    ["the address of this server is no origin any more", "http://inside:8080", 403],
    ["nor is any other page", "https://elsewhere.example:8443", 403],
  ])("is what the origin is compared with: %s", async (_, origin, status) => {
    expect(await statusOf(port, [...forwarded, `Origin: ${origin}`])).toBe(status);
  });

  it("stands in the log of a refusal", async () => {
    const { logger, lines } = recordingLogger();
    const logging = await listen(["127.0.0.1"], { logger, host: "127.0.0.1" });
    await answerAndEnd(logging, upgradeRequest("/elsewhere", [...forwarded, "-Host"]));
    await answerAndEnd(logging, upgradeRequest("/ws", [...forwarded, "Origin: null"]));
    const refusals = lines.filter(({ msg }) => msg.startsWith("handshake refused"));
    expect(refusals).toMatchObject([
      { status: 404, remoteAddress: "203.0.113.7" },
      { status: 403, remoteAddress: "203.0.113.7" },
    ]);
  });

  it.each([
    ["https", "wss:"],
    ["wss", "wss:"],
    ["HTTPS", "wss:"],
    ["http", "ws:"],
    ["ws", "ws:"],
    ["gopher", "ws:"],
  ])("the scheme may be named %s: %s", async (scheme, protocol) => {
    const { uri } = await viewOf(port, [`X-Forwarded-Proto: ${scheme}`]);
    expect(new URL(uri).protocol).toBe(protocol);
  });

  it.each<[what: string, headers: readonly string[], uri: string]>([
    ["nothing leaves Host as it is", [], "ws://inside:8080/ws?a=b"],
    ["a host without a port has none", ["X-Forwarded-Host: chat.example"], "ws://chat.example/ws?a=b"],
    ["a port of the host wins", ["X-Forwarded-Port: 99"], "ws://inside:8080/ws?a=b"],
    [
      "a port counts for Host too",
      ["Host: chat.example", "X-Forwarded-Port: 99"],
      "ws://chat.example:99/ws?a=b",
    ],
    ["an empty port is none", ["Host: chat.example:", "X-Forwarded-Port: 99"], "ws://chat.example:99/ws?a=b"],
    [
      "an address of IPv6 has colons and no port",
      ["X-Forwarded-Host: [2001:db8::1]", "X-Forwarded-Port: 99"],
      "ws://[2001:db8::1]:99/ws?a=b",
    ],
    ["no port at all", ["Host: chat.example", "X-Forwarded-Port: 99x"], "ws://chat.example/ws?a=b"],
    ["a port out of range", ["Host: chat.example", "X-Forwarded-Port: 65536"], "ws://chat.example/ws?a=b"],
    ["a host that is none", ["X-Forwarded-Host: chat.example/path"], "ws://inside:8080/ws?a=b"],
    ["a host with a user", ["X-Forwarded-Host: chat@example"], "ws://inside:8080/ws?a=b"],
    ["an empty host", ["X-Forwarded-Host: "], "ws://inside:8080/ws?a=b"],
  ])("of host and port: %s", async (_, headers, uri) => {
    expect((await viewOf(port, headers)).uri).toBe(uri);
  });

  it("without an address leaves that of the socket, with its port", async () => {
    const { address } = await viewOf(port, ["X-Forwarded-Proto: https"]);
    expect(address).toEqual({ address: "127.0.0.1", port: expect.any(Number) as number });
  });
});

describe("the chain of proxies", () => {
  let port: number;
  beforeAll(async () => {
    port = await listen(["127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"]);
  });

  it.each<[what: string, chain: readonly string[], address: string]>([
    ["one proxy", ["203.0.113.7"], "203.0.113.7"],
    ["what the client wrote itself is left of it", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"],
    ["trusted hops are passed", ["203.0.113.7, 10.1.2.3, 10.9.9.9"], "203.0.113.7"],
    ["the first that is not trusted ends it", ["10.0.0.1, 203.0.113.7, 10.1.2.3"], "203.0.113.7"],
    ["several lines are one list", ["203.0.113.7", "10.1.2.3"], "203.0.113.7"],
    ["all are trusted: the first is the client", ["10.0.0.1, 10.1.2.3"], "10.0.0.1"],
    ["an address of IPv6", ["2001:db8::7, 2001:db8:ffff::1"], "2001:db8::7"],
    ["an IPv4 address that IPv6 wraps", ["203.0.113.7, ::ffff:10.1.2.3"], "203.0.113.7"],
    ["an address with its port", ["203.0.113.7:50123, 10.1.2.3:80"], "203.0.113.7"],
    ["an address of IPv6 with its port", ["[2001:db8::7]:50123"], "2001:db8::7"],
    ["garbage ends it at the last good address", ["203.0.113.7, unknown, 10.1.2.3"], "10.1.2.3"],
    ["an address with a zone is garbage", ["fe80::1%eth0, 10.1.2.3"], "10.1.2.3"],
    ["an empty element is garbage", ["203.0.113.7,, 10.1.2.3"], "10.1.2.3"],
  ])("%s", async (_, chain, address) => {
    const headers = chain.map((line) => `X-Forwarded-For: ${line}`);
    const view = await viewOf(port, headers);
    expect(view.address).toEqual({ address, port: undefined });
    expect(view.requestAddress).toBe(address);
  });

  it.each(["unknown", "", "203.0.113.7;drop", "203.0.113.256"])(
    "that begins with garbage leaves the address of the socket: %j",
    async (chain) => {
      expect((await viewOf(port, [`X-Forwarded-For: ${chain}`])).requestAddress).toBe("127.0.0.1");
    },
  );

  it.each<[what: string, headers: readonly string[], uri: string]>([
    ["one for all is taken as it is", ["Proto: https", "Host: a.example"], "wss://a.example/ws?a=b"],
    [
      "of two that each proxy wrote the outer one",
      ["Proto: https, http", "Host: a.example, b.example"],
      "wss://a.example/ws?a=b",
    ],
    [
      "of more than proxies the rest is the client's invention",
      ["Proto: http, https, http", "Host: x.example, a.example, b.example"],
      "wss://a.example/ws?a=b",
    ],
  ])("of scheme and host behind two: %s", async (_, lines, uri) => {
    const headers = lines.map((line) => `X-Forwarded-${line}`);
    expect((await viewOf(port, ["X-Forwarded-For: 203.0.113.7, 10.1.2.3", ...headers])).uri).toBe(uri);
  });

  it("of one proxy: a list that the client began is not believed", async () => {
    const headers = ["X-Forwarded-For: 10.0.0.1, 203.0.113.7", "X-Forwarded-Proto: https, http"];
    expect((await viewOf(port, headers)).uri).toBe("ws://inside:8080/ws?a=b");
  });
});

describe("from an address that is not trusted, the headers change nothing:", () => {
  it.each<[what: string, trusted: readonly string[] | undefined]>([
    ["no proxy is trusted", undefined],
    ["the list is empty", []],
    ["another one is trusted", ["10.0.0.0/8", "::1"]],
    ["the one in the header is trusted", ["203.0.113.7"]],
  ])("%s", async (_, trusted) => {
    const port = await listen(trusted);
    const { uri, requestUri, requestAddress, address } = await viewOf(port, forwarded);
    expect([uri, requestUri]).toEqual(["ws://inside:8080/ws?a=b", "ws://inside:8080/ws?a=b"]);
    expect(requestAddress).toBe("127.0.0.1");
    expect(address).toEqual({ address: "127.0.0.1", port: expect.any(Number) as number });
    expect(await statusOf(port, [...forwarded, "Origin: https://chat.example:8443"])).toBe(403);
    expect(await statusOf(port, [...forwarded, "Origin: http://inside:8080"])).toBe(101);
  });

  it("not even the log of a refusal", async () => {
    const { logger, lines } = recordingLogger();
    const port = await listen(["10.0.0.0/8"], { logger, host: "127.0.0.1" });
    await answerAndEnd(port, upgradeRequest("/ws", [...forwarded, "Origin: null"]));
    expect(lines).toContainEqual(expect.objectContaining({ status: 403, remoteAddress: "127.0.0.1" }));
  });
});

/** Some containers have no IPv6. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all!.some(({ address }) => address === "::1"),
);
const possible = (rows: readonly (readonly string[])[]) =>
  rows.filter(([, , listening]) => hasIpv6 || !listening!.includes(":"));

describe("a proxy is recognised", () => {
  it.each(
    possible([
      ["by its address", "127.0.0.1", "127.0.0.1", "127.0.0.1"],
      ["by its network", "127.0.0.0/8", "127.0.0.1", "127.0.0.1"],
      ["by its address of IPv6", "::1", "::1", "::1"],
      ["by that address written out", "0:0:0:0:0:0:0:1", "::1", "::1"],
      ["by its network of IPv6", "::/64", "::1", "::1"],
      ["by its IPv4 address on a socket of IPv6", "127.0.0.1", "::", "127.0.0.1"],
      ["by its IPv4 network on a socket of IPv6", "127.0.0.0/8", "::", "127.0.0.1"],
      ["by its IPv4 address wrapped in IPv6", "::ffff:127.0.0.1", "127.0.0.1", "127.0.0.1"],
    ]),
  )("%s: %s", async (_, trusted, listening, from) => {
    const port = await listen([trusted], { host: listening });
    expect((await viewOf(port, forwarded, from)).requestAddress).toBe("203.0.113.7");
  });

  it.each(
    possible([
      ["another address", "127.0.0.2", "127.0.0.1", "127.0.0.1"],
      ["another network", "127.0.0.2/31", "127.0.0.1", "127.0.0.1"],
      ["another address of IPv6", "::2", "::1", "::1"],
      ["another IPv4 address wrapped in IPv6", "::ffff:127.0.0.2", "::", "127.0.0.1"],
    ]),
  )("not by %s: %s", async (_, trusted, listening, from) => {
    const port = await listen([trusted], { host: listening });
    expect((await viewOf(port, forwarded, from)).requestAddress).toContain(from);
  });
});

describe("what is no address and no network is a problem of the start:", () => {
  it.each([
    "nginx.internal",
    "localhost",
    "*",
    "",
    " 127.0.0.1",
    "127.0.0.1:8080",
    "127.1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/255.0.0.0",
    "fd00::/129",
    "[::1]",
    "fe80::1%eth0",
  ])("%j", async (entry) => {
    const start = startApplication({ trustedProxies: ["127.0.0.1", entry] });
    await expect(start).rejects.toMatchObject({
      problems: [
        {
          code: "VERNAL_INVALID_TRUSTED_PROXY",
          message: expect.stringContaining(
            `trustedProxies of the application holds ${JSON.stringify(entry)}`,
          ) as string,
        },
      ],
    });
  });

  it.each([
    ["127.0.0.1", '"127.0.0.1"'],
    [[127], "an object (Array)"],
  ])("%j instead of a list of texts", async (value, shown) => {
    const trustedProxies = value as unknown as string[];
    await expect(startApplication({ trustedProxies })).rejects.toMatchObject({
      problems: [
        {
          code: "VERNAL_OPTION_OUT_OF_RANGE",
          message: expect.stringContaining(`trustedProxies of the application is ${shown}`) as string,
        },
      ],
    });
  });
});
