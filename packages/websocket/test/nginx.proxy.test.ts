import type { ConnectOptions, TestClient } from "@vernal/testing";
import {
  TextWebSocketHandler,
  type ConnectionOptions,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications } from "./harness/application";
import { connectClient } from "./harness/client";
import { Observing, type View } from "./harness/client-view";
import { Nginx, type NginxSettings } from "./harness/nginx";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

/** nginx comes from 127.0.0.1, so a client has to come from elsewhere; all of 127.0.0.0/8 is this machine on Linux. */
const CLIENT_ADDRESS = "127.0.0.2";

class Echo extends Observing {
  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(message);
  }
}

/** Is busy with its message until it is told to finish. */
class Patient extends TextWebSocketHandler {
  finish!: () => void;
  isBusy = false;

  override handleTextMessage(): Promise<void> {
    this.isBusy = true;
    return new Promise((resolve) => (this.finish = resolve));
  }
}

const handler = new Echo();
const proxies: Nginx[] = [];

beforeEach(() => {
  handler.views.length = 0;
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await closeApplications();
});

/** The port of an nginx in front of an application that trusts it, unless told otherwise. */
async function startBehind(
  { configuration, changes = [] }: Omit<NginxSettings, "upstreamPort">,
  trustedProxies: readonly string[] = ["127.0.0.1"],
  limits: ConnectionOptions = {},
): Promise<number> {
  const options = { host: "127.0.0.1", trustedProxies, ...limits };
  const { port: upstreamPort } = await serve(handler, { interceptors: [handler] }, options);
  const proxy = await Nginx.start({ configuration, changes, upstreamPort });
  proxies.push(proxy);
  return proxy.port;
}

function connect(url: string, options: ConnectOptions = {}): Promise<TestClient> {
  return connectClient(url, { remoteAddress: CLIENT_ADDRESS, ...options });
}

/** How the application sees a client that connects to this address from a page of this origin. */
async function viewOf(url: string, origin: string, headers: Record<string, string> = {}): Promise<View> {
  const client = await connect(url, { origin, headers });
  client.send("hello");
  expect(await client.next()).toBe("hello");
  await client.close();
  expect(handler.views).toHaveLength(1);
  return handler.views.pop()!;
}

const spoofed = {
  "X-Forwarded-For": "203.0.113.7",
  "X-Forwarded-Host": "elsewhere.example",
  "X-Forwarded-Port": "9",
};

describe.each([
  { configuration: "plain", socket: "ws", page: "http", otherScheme: "https" },
  { configuration: "tls", socket: "wss", page: "https", otherScheme: "http" },
] as const)("behind nginx, $configuration", ({ configuration, socket, page, otherScheme }) => {
  let port: number;
  beforeAll(async () => {
    port = await startBehind({ configuration });
  });

  it("a page of the proxy's own origin connects, and the client is seen as it sees itself", async () => {
    const url = `${socket}://localhost:${port}/ws?a=b`;
    expect(await viewOf(url, `${page}://localhost:${port}`)).toEqual({
      requestUri: url,
      requestAddress: CLIENT_ADDRESS,
      uri: url,
      address: { address: CLIENT_ADDRESS, port: undefined },
    });
  });

  it.each([
    ["another host", () => `${page}://elsewhere.example:${port}`],
    ["another port", () => `${page}://localhost:${port + 1}`],
    ["another scheme", () => `${otherScheme}://localhost:${port}`],
    ["the application's own address", () => `http://127.0.0.1:8080`],
  ])("a page of %s gets 403", async (_, origin) => {
    const connecting = connect(`${socket}://localhost:${port}/ws`, { origin: origin() });
    await expect(connecting).rejects.toThrow("was answered with 403");
  });

  it("what the client says of itself changes nothing", async () => {
    const headers = { ...spoofed, "X-Forwarded-Proto": otherScheme };
    const url = `${socket}://localhost:${port}/ws`;
    expect(await viewOf(url, `${page}://localhost:${port}`, headers)).toMatchObject({
      uri: url,
      requestAddress: CLIENT_ADDRESS,
      address: { address: CLIENT_ADDRESS },
    });
    const origin = "https://elsewhere.example:9";
    await expect(connect(url, { origin, headers })).rejects.toThrow("was answered with 403");
  });

  it("the client has the seats of its address, and not the proxy", async () => {
    const limited = await startBehind({ configuration }, ["127.0.0.1"], { maxConnectionsPerAddress: 1 });
    const url = `${socket}://localhost:${limited}/ws`;
    const client = await connect(url);
    await expect(connect(url)).rejects.toThrow("was answered with 429");
    const other = await connect(url, { remoteAddress: "127.0.0.3" });
    await Promise.all([client.close(), other.close()]);
  });

  it("a port that only X-Forwarded-Port tells counts", async () => {
    const changes = [
      ["proxy_set_header Host $http_host;", "proxy_set_header Host $host;"],
      ['proxy_set_header X-Forwarded-Port "";', "proxy_set_header X-Forwarded-Port $server_port;"],
    ] as const;
    const other = await startBehind({ configuration, changes });
    const url = `${socket}://localhost:${other}/ws`;
    expect(await viewOf(url, `${page}://localhost:${other}`)).toMatchObject({ uri: url });
  });

  it("a host that only X-Forwarded-Host tells counts", async () => {
    const changes = [
      ["proxy_set_header Host $http_host;", "proxy_set_header Host inside.example;"],
      ['proxy_set_header X-Forwarded-Host "";', "proxy_set_header X-Forwarded-Host $http_host;"],
    ] as const;
    const other = await startBehind({ configuration, changes });
    const url = `${socket}://localhost:${other}/ws`;
    expect(await viewOf(url, `${page}://localhost:${other}`)).toMatchObject({ uri: url });
  });
});

it("without trust a page behind TLS gets 403, and every client has the address of the proxy", async () => {
  const port = await startBehind({ configuration: "tls" }, []);
  const url = `wss://localhost:${port}/ws`;
  const connecting = connect(url, { origin: `https://localhost:${port}` });
  await expect(connecting).rejects.toThrow("was answered with 403");
  expect(await viewOf(url, `http://localhost:${port}`)).toMatchObject({
    uri: `ws://localhost:${port}/ws`,
    requestAddress: "127.0.0.1",
  });
});

it("a handshake that one of two refuses, because it closes, goes to the other", async () => {
  const patient = new Patient();
  const options = { host: "127.0.0.1", maxConnections: 3 };
  const applications = [await serve(patient, {}, options), await serve(patient, {}, options)];
  const [upstreamPort, otherUpstreamPort] = applications.map(({ port }) => port);
  const proxy = await Nginx.start({
    configuration: "balancer",
    upstreamPort: upstreamPort!,
    otherUpstreamPort: otherUpstreamPort!,
  });
  proxies.push(proxy);
  const url = `ws://localhost:${proxy.port}/ws`;
  const counts = (): number[] => applications.map((each) => each.stats().openSessions).sort();

  const first = await connect(url);
  first.send("x");
  await until("the callback", () => patient.isBusy);
  const closing = applications.find((each) => each.stats().openSessions === 1)!;
  const closed = closing.close();
  // The one with the fewest connections is asked first, which is the one that closes, at the third at the latest.
  const others = [await connect(url), await connect(url), await connect(url)];
  expect(counts()).toEqual([1, 3]);
  expect(Object.keys(closing.stats().refusalsByStatus)).toEqual(["503"]);
  // Now nobody is left who takes one.
  await expect(connect(url)).rejects.toThrow(/was answered with 50[23]/);

  patient.finish();
  expect((await first.closed()).code).toBe(1001);
  await within("the close", closed);
  await Promise.all(others.map((each) => each.close()));
});
