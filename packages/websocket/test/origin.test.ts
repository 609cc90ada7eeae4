import {
  Configuration,
  EnableWebSocket,
  TextWebSocketHandler,
  WebSocketHandler,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
} from "../src/index";
import { closeApplications, startApplication } from "./harness/application";
import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";

class Quiet extends TextWebSocketHandler {}

@WebSocketHandler("/same-origin")
class SameOrigin extends Quiet {}

@WebSocketHandler("/decorated", {
  allowedOrigins: ["https://Chat.Example.com/", "null"],
  allowedOriginPatterns: ["https://*.example.org:[8080,8081]"],
})
class Decorated extends Quiet {}

@Configuration()
@EnableWebSocket()
class Endpoints implements WebSocketConfigurer {
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    registry.addHandler(new Quiet(), "/any").setAllowedOrigins("*");
    registry
      .addHandler(new Quiet(), "/exact")
      .setAllowedOrigins("https://a.example", "https://b.example:8443");
    registry
      .addHandler(new Quiet(), "/pattern")
      .setAllowedOriginPatterns("https://*.example", "http://*.dev:[*]");
    registry.addHandler(new Quiet(), "/any-pattern").setAllowedOriginPatterns("*");
    registry
      .addHandler(new Quiet(), "/both")
      .setAllowedOrigins("https://a.example")
      .setAllowedOriginPatterns("https://*.b.example");
    registry
      .addHandler(new Quiet(), "/replaced")
      .setAllowedOrigins("https://old.example")
      .setAllowedOrigins("https://new.example");
  }
}

let port: number;

beforeAll(async () => {
  ({ port } = await startApplication({ components: [SameOrigin, Decorated, Endpoints] }));
});
afterAll(closeApplications);

async function statusFor(
  path: string,
  origin: string | undefined,
  host = "chat.example:8080",
): Promise<number> {
  const connection = await openRaw(port);
  const headers = [`Host: ${host}`, ...(origin === undefined ? [] : [`Origin: ${origin}`])];
  connection.write(upgradeRequest(path, headers));
  const { status } = await connection.answer();
  await leave(connection);
  return status;
}

describe("by default", () => {
  it.each([
    ["no Origin, as of a client that is no browser", undefined, "chat.example"],
    ["the same host and port", "http://chat.example:8080", "chat.example:8080"],
    ["the same in another case", "HTTP://Chat.Example:8080", "cHAT.example:8080"],
    ["the default port left out by the page", "http://chat.example", "chat.example:80"],
    ["the default port left out by the request", "http://chat.example:80", "chat.example"],
    ["an address of IPv6", "http://[::1]:8080", "[::1]:8080"],
  ])("a page of this server may connect: %s", async (_, origin, host) => {
    expect(await statusFor("/same-origin", origin, host)).toBe(101);
  });

  it.each([
    ["another host", "http://elsewhere.example:8080"],
    ["a host below", "http://a.chat.example:8080"],
    ["another port", "http://chat.example:8081"],
    ["another scheme", "https://chat.example:8080"],
    ["the host as a prefix", "http://chat.example:8080.elsewhere.example"],
    ["the host as a user", "http://chat.example:8080@elsewhere.example"],
    ["the scheme of the socket", "ws://chat.example:8080"],
    ["a path behind it", "http://chat.example:8080/page"],
    ["two origins", "http://chat.example:8080, http://chat.example:8080"],
    ["no origin at all", "chat.example:8080"],
    ["null", "null"],
    ["blank", ""],
    ["a list of blanks", " "],
  ])("no other page may: %s", async (_, origin) => {
    expect(await statusFor("/same-origin", origin)).toBe(403);
  });
});

describe.each([
  ["setAllowedOrigins", "/any"],
  ["setAllowedOriginPatterns", "/any-pattern"],
])('%s("*")', (_, path) => {
  it.each(["https://elsewhere.example", "null", "chrome-extension://abcdef", "http://chat.example:8080"])(
    "lets in the page of %s",
    async (origin) => expect(await statusFor(path, origin)).toBe(101),
  );

  it("does not let in a blank Origin", async () => {
    expect(await statusFor(path, "")).toBe(403);
  });
});

describe("allowed origins", () => {
  it.each<[path: string, origin: string, status: number]>([
    ["/exact", "https://a.example", 101],
    ["/exact", "HTTPS://A.Example", 101],
    ["/exact", "https://a.example/", 101],
    ["/exact", "https://b.example:8443", 101],
    ["/exact", "http://chat.example:8080", 101],
    ["/exact", "https://a.example//", 403],
    ["/exact", "https://a.example:8443", 403],
    ["/exact", "https://b.example", 403],
    ["/exact", "http://a.example", 403],
    ["/exact", "https://a.example.elsewhere.example", 403],
    ["/exact", "null", 403],
    ["/decorated", "https://chat.example.com", 101],
    ["/decorated", "null", 101],
    ["/decorated", "", 403],
    ["/replaced", "https://new.example", 101],
    ["/replaced", "https://old.example", 403],
  ])("are exact, but for case and one slash at the end: %s from %s is %i", async (path, origin, status) => {
    expect(await statusFor(path, origin)).toBe(status);
  });
});

describe("allowed origin patterns", () => {
  it.each<[path: string, origin: string, status: number]>([
    ["/pattern", "https://a.example", 101],
    ["/pattern", "https://a.b.example", 101],
    ["/pattern", "https://a.example:8443", 403],
    ["/pattern", "https://example", 403],
    ["/pattern", "https://a.example.elsewhere", 403],
    ["/pattern", "http://a.example", 403],
    ["/pattern", "http://a.dev", 101],
    ["/pattern", "http://a.dev:3000", 101],
    ["/pattern", "null", 403],
    ["/decorated", "https://a.example.org:8080", 101],
    ["/decorated", "https://a.example.org:8081", 101],
    ["/decorated", "https://a.example.org:8082", 403],
    ["/decorated", "https://a.example.org", 403],
  ])("match host and listed ports: %s from %s is %i", async (path, origin, status) => {
    expect(await statusFor(path, origin)).toBe(status);
  });

  it.each(["https://a.example", "https://x.b.example", "http://chat.example:8080"])(
    "stand beside the exact ones, either is enough: %s",
    async (origin) => expect(await statusFor("/both", origin)).toBe(101),
  );
});

it("each path has its own policy", async () => {
  const origin = "https://a.example";
  expect(await statusFor("/exact", origin)).toBe(101);
  expect(await statusFor("/same-origin", origin)).toBe(403);
});

it("what a proxy says counts for nothing, as none is trusted", async () => {
  const connection = await openRaw(port);
  const forwarded = ["X-Forwarded-Host: elsewhere.example", "X-Forwarded-Proto: https"];
  connection.write(upgradeRequest("/same-origin", [...forwarded, "Origin: https://elsewhere.example"]));
  expect((await connection.answer()).status).toBe(403);
  await leave(connection);
});
