import { Bean, CloseStatus, Configuration, WebSocketConnectionManager } from "../src/index";
import { recordingLogger, startApplication } from "./harness/application";
import { newClient } from "./harness/clients";
import { gate } from "./harness/gate";
import { acceptNext, endManagers, LONG_MS, Managed } from "./harness/managed";
import { RawServer } from "./harness/raw-server";
import { openResources } from "./harness/resources";
import { serve } from "./harness/serve";
import { SessionRecorder } from "./harness/session-recorder";
import { until, within } from "./harness/until";

afterEach(() => jest.restoreAllMocks());
afterEach(endManagers);

describe("a manager that is started", () => {
  it("connects, tells it, and sends through the session", async () => {
    const atServer = new SessionRecorder();
    const application = await serve(atServer);
    const managed = new Managed(`${application.url}/ws`);
    const { manager } = managed;
    expect([manager.isRunning, manager.isConnected, manager.session]).toEqual([false, false, undefined]);
    manager.start();
    expect([manager.isRunning, manager.isConnected]).toEqual([true, false]);
    await managed.logged("connected");
    expect([manager.isRunning, manager.isConnected]).toEqual([true, true]);
    expect(manager.session).toBe(managed.recorder.sessions[0]);
    expect(await manager.send("hello")).toBe(true);
    await until("the message", () => atServer.log.includes("text hello"));
    expect(managed.recorder.log).toEqual(["established", "connected"]);
  });

  it("is connected when afterConnectionEstablished has settled, and not when it has failed", async () => {
    const { passed, open } = gate();
    class Slow extends SessionRecorder {
      override async afterConnectionEstablished(): Promise<void> {
        this.log.push("begins");
        await passed;
        this.log.push("established");
        if (this.log.filter((line) => line === "established").length === 1) throw new Error("no");
      }
    }
    const server = await RawServer.start();
    const managed = new Managed(server.url, {}, new Slow()).start();
    const peer = await acceptNext(server);
    await managed.logged("begins");
    open();
    expect(await peer.answerClose()).toBe(1011);
    await acceptNext(server);
    await managed.logged("connected");
    const { log } = managed.recorder;
    expect(log.filter((line) => !line.startsWith("closed"))).toEqual([
      "begins",
      "established",
      "1011 goes on",
      "begins",
      "established",
      "connected",
    ]);
  });

  it("offers the sub-protocols of its handler", async () => {
    const server = await RawServer.start();
    const handler = Object.assign(new SessionRecorder(), { subProtocols: ["v1.chat"] });
    const managed = new Managed(server.url, {}, handler).start();
    const request = await (await server.next()).accept(["Sec-WebSocket-Protocol: v1.chat"]);
    expect(request).toContain("Sec-WebSocket-Protocol: v1.chat");
    await managed.logged("connected");
    expect(managed.manager.session!.acceptedProtocol).toBe("v1.chat");
  });

  it("has one connection, however often it is started", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url).start().start();
    await acceptNext(server);
    await managed.logged("connected");
    managed.start();
    await managed.manager.stop();
    expect(server.peers).toHaveLength(1);
  });

  it("keeps the process alive between two attempts", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.9);
    const server = await RawServer.start();
    const { url } = server;
    await server.stop();
    const before = openResources();
    const managed = new Managed(url, { initialDelayMs: LONG_MS, maxDelayMs: LONG_MS }).start();
    await managed.logged("VERNAL_CANNOT_CONNECT goes on");
    expect(openResources().get("Timeout")).toBe((before.get("Timeout") ?? 0) + 1);
  });

  it("can be restarted by its handler: 1012 comes back, 1000 does not", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    const first = await acceptNext(server);
    await managed.logged("connected");
    managed.manager.session!.close(CloseStatus.SERVICE_RESTARTED);
    expect(await first.answerClose()).toBe(1012);
    const second = await acceptNext(server);
    await managed.logged("connected", 2);
    managed.manager.session!.close();
    expect(await second.answerClose()).toBe(1000);
    await managed.logged("1000 stopped");
    expect(managed.manager.isRunning).toBe(false);
  });
});

it("is started and stopped by the application that made it", async () => {
  const server = await RawServer.start();
  const recorder = new SessionRecorder();

  @Configuration()
  class Config {
    @Bean()
    connection(): WebSocketConnectionManager {
      return new WebSocketConnectionManager(newClient(), recorder, server.url);
    }
  }
  const application = await startApplication({ components: [Config] });
  const peer = await acceptNext(server);
  await until("the session", () => recorder.log.includes("established"));
  expect(application.get(WebSocketConnectionManager).isConnected).toBe(true);
  const closed = application.close();
  expect(await peer.answerClose()).toBe(1000);
  await within("the end of the application", closed);
  expect(application.get(WebSocketConnectionManager).isRunning).toBe(false);
});

describe("callbacks that fail", () => {
  it.each<[what: string, fail: () => Promise<void>]>([
    [
      "throw",
      () => {
        throw new Error("oops");
      },
    ],
    ["reject", () => Promise.reject(new Error("oops"))],
  ])("are logged and change nothing: %s", async (_, fail) => {
    const { logger, lines } = recordingLogger();
    const server = await RawServer.start();
    const callbacks = { connected: fail, disconnected: fail };
    const managed = new Managed(server.url, callbacks, new SessionRecorder(), { logger }).start();
    await (await acceptNext(server)).close(1012);
    await acceptNext(server);
    await managed.logged("connected", 2);
    const failed = lines.filter(({ level }) => level === 50);
    expect(failed.map(({ msg }) => msg)).toEqual([
      "connected failed",
      "disconnected failed",
      "connected failed",
    ]);
    expect(failed[0]).toMatchObject({ callback: "connected", err: { message: "oops" } });
  });
});

describe("the options", () => {
  const make = (
    options: object,
    url = "ws://localhost:1",
    handler: object = new SessionRecorder(),
  ): unknown => new WebSocketConnectionManager(newClient(), handler as SessionRecorder, url, options);

  it.each([
    { initialDelayMs: 0 },
    { maxDelayMs: "1s" },
    { stableAfterMs: -1 },
    { maxAttempts: 0 },
    { queue: true },
    { queue: { maxMessages: 0 } },
    { queue: { overflow: "ignore" } },
    { headers: "x" },
    { connected: 1 },
    { connectTimeoutMs: 0 },
  ])("are checked at once: %j", (options) => {
    expect(() => make(options)).toThrow(/VERNAL_OPTION_OUT_OF_RANGE.* WebSocketConnectionManager /);
  });

  it("are checked with url and handler", () => {
    expect(() => make({}, "http://localhost:1/?s3cret")).toThrow(/VERNAL_INVALID_ARGUMENT(?!.*s3cret)/);
    expect(() => make({}, "ws://localhost:1", {})).toThrow(/VERNAL_NOT_A_HANDLER/);
  });
});

it("logs what happens, without query and password", async () => {
  const { logger, lines } = recordingLogger();
  const server = await RawServer.start();
  const url = `${server.url.replace("//", "//ann:s3cret@")}/ws?token=s3cret`;
  const managed = new Managed(url, {}, new SessionRecorder(), { logger }).start();
  await (await server.next()).refuse("503 Busy");
  await (await acceptNext(server)).close(1012);
  await (await acceptNext(server)).close(1008);
  await managed.logged("1008 stopped");
  const told = lines.filter(({ level }) => level >= 30).map(({ level, msg }) => [level, msg]);
  const address = `${server.url}/ws`;
  expect(told).toEqual([
    [40, expect.stringContaining(`${address} answered the handshake with 503`)],
    [30, `connected to ${address}`],
    [40, expect.stringMatching(/^the connection ended with 1012\. The next attempt is in \d+ ms\.$/)],
    [30, `connected to ${address}`],
    [50, "the connection ended with 1008. There is no further attempt."],
  ]);
  expect(JSON.stringify(lines)).not.toContain("s3cret");
});
