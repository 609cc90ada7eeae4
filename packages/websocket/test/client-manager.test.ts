import {
  BinaryMessage,
  Bean,
  CloseStatus,
  Configuration,
  WebSocketConnectionManager,
  type Disconnection,
  type SendQueueOptions,
  type WebSocketClientOptions,
  type WebSocketConnectionManagerOptions,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { closeClients, newClient } from "./harness/clients";
import { RawServer, serverFrame, stopRawServers, type RawPeer } from "./harness/raw-server";
import { openResources, untilFreed } from "./harness/resources";
import { serve } from "./harness/serve";
import { SessionRecorder } from "./harness/session-recorder";
import { until, within } from "./harness/until";

/** A promise that a test settles. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

const LONG_MS = 3_600_000;
const managers: WebSocketConnectionManager[] = [];

/** A manager, what its handler saw, and what its callbacks were told. */
class Managed {
  readonly manager: WebSocketConnectionManager;
  readonly recorder: SessionRecorder;
  readonly ends: Disconnection[] = [];

  constructor(
    url: ConstructorParameters<typeof WebSocketConnectionManager>[2],
    options: WebSocketConnectionManagerOptions = {},
    recorder = new SessionRecorder(),
    clientOptions: WebSocketClientOptions = {},
  ) {
    this.recorder = recorder;
    this.manager = new WebSocketConnectionManager(newClient(clientOptions), recorder, url, {
      initialDelayMs: 1,
      maxDelayMs: 20,
      stableAfterMs: 0,
      ...options,
      connected: (session) => {
        recorder.log.push("connected");
        return options.connected?.(session);
      },
      disconnected: (disconnection) => {
        this.ends.push(disconnection);
        const { status, error, next } = disconnection;
        recorder.log.push(`${status?.code ?? error?.code} ${next === "stopped" ? "stopped" : "goes on"}`);
        return options.disconnected?.(disconnection);
      },
    });
    managers.push(this.manager);
  }

  start(): this {
    this.manager.start();
    return this;
  }

  async logged(line: string, times = 1): Promise<void> {
    await until(line, () => this.recorder.log.filter((each) => each === line).length >= times);
  }
}

/** A handler whose first last callback takes as long as others need to connect several times. */
class Lingering extends SessionRecorder {
  constructor(private readonly url: string) {
    super();
  }

  override async afterConnectionClosed(session: WebSocketSession<object>): Promise<void> {
    if (session !== this.sessions[0]) return;
    this.log.push("closing");
    for (let count = 0; count < 5; count += 1) await newClient().execute(new SessionRecorder(), this.url);
    this.log.push("closed");
  }
}

/** The texts that come next. */
async function texts(peer: RawPeer, count: number): Promise<readonly string[]> {
  const received: string[] = [];
  while (received.length < count) received.push((await peer.frame()).payload.toString());
  return received;
}

/** Takes connections and holds them. */
async function acceptNext(server: RawServer): Promise<RawPeer> {
  const peer = await server.next();
  await peer.accept();
  return peer;
}

afterEach(async () => {
  jest.restoreAllMocks();
  await stopRawServers();
  await Promise.all(managers.splice(0).map((manager) => manager.stop()));
  await closeClients();
  await closeApplications();
});

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

describe("when a session has ended", () => {
  it.each([undefined, 1001, 1011, 1012, 1013, 1014])("with %p it comes back", async (code) => {
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    const peer = await acceptNext(server);
    await managed.logged("connected");
    await peer.close(code);
    await acceptNext(server);
    await managed.logged("connected", 2);
    expect(managed.ends).toMatchObject([{ status: { code: code ?? 1005 }, error: undefined }]);
    const next = managed.ends[0]!.next as { readonly delayMs: number };
    expect(next.delayMs).toBeLessThan(code === 1001 || code === 1012 ? 1 : 2);
  });

  it.each([1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 4000, 4500])(
    "with %i it has stopped",
    async (code) => {
      const before = openResources();
      const server = await RawServer.start();
      const managed = new Managed(server.url).start();
      const peer = await acceptNext(server);
      await peer.close(code);
      await managed.logged(`${code} stopped`);
      expect(managed.manager.isRunning).toBe(false);
      expect(managed.ends).toMatchObject([{ status: { code }, error: undefined, next: "stopped" }]);
      await stopRawServers();
      await untilFreed(before);
      expect(server.peers).toHaveLength(1);
    },
  );

  it("of a url that is never told it tries again", async () => {
    const server = await RawServer.start();
    const urls = [new Promise<string>(() => {}), Promise.resolve(server.url)];
    const managed = new Managed(() => urls.shift()!, { connectTimeoutMs: 40 }).start();
    await acceptNext(server);
    await managed.logged("connected");
    expect(managed.ends).toMatchObject([{ error: { code: "VERNAL_TARGET_FAILED" } }]);
  });

  it("in the middle of a message it comes back: the server has said nothing", async () => {
    const server = await RawServer.start();
    const options = { unfinishedMessageTimeoutMs: 60, closeTimeoutMs: 20 };
    const managed = new Managed(server.url, {}, new SessionRecorder(), options).start();
    const peer = await acceptNext(server);
    await managed.logged("connected");
    // The beginning of a message of 100 bytes.
    peer.socket.write(Buffer.from([0x81, 100, 0x61]));
    await managed.logged("1008 goes on");
    await acceptNext(server);
    await managed.logged("connected", 2);
  });

  it("without a word it comes back, as soon as a server is there again", async () => {
    const server = await RawServer.start();
    const { port, url } = server;
    const managed = new Managed(url).start();
    await acceptNext(server);
    await managed.logged("connected");
    await server.stop();
    await managed.logged("VERNAL_CANNOT_CONNECT goes on", 2);
    const again = await RawServer.start({ port });
    await acceptNext(again);
    await managed.logged("connected", 2);
    expect(managed.recorder.log.slice(0, 4)).toEqual([
      "established",
      "connected",
      "closed 1006 by network",
      "1006 goes on",
    ]);
  });

  it("because the server is gone without one, the heartbeat notices", async () => {
    const server = await RawServer.start();
    const options = { heartbeatIntervalMs: 40 };
    const managed = new Managed(server.url, {}, new SessionRecorder(), options).start();
    const silent = await acceptNext(server);
    await acceptNext(server);
    await managed.logged("connected", 2);
    expect(silent.isEnded).toBe(true);
    expect(managed.ends[0]!.status!.code).toBe(1006);
  });

  it("the handler sees its last callback before the first of the next", async () => {
    const atServer = new SessionRecorder();
    const application = await serve(atServer);
    const url = `${application.url}/ws`;
    const managed = new Managed(url, {}, new Lingering(url)).start();
    await managed.logged("connected");
    atServer.sessions[0]!.close(CloseStatus.SERVICE_RESTARTED);
    await managed.logged("connected", 2);
    expect(managed.recorder.log).toEqual([
      "established",
      "connected",
      "closing",
      "1012 goes on",
      "closed",
      "established",
      "connected",
    ]);
  });

  it("waits no longer than callbackTimeoutMs for it", async () => {
    class Hanging extends SessionRecorder {
      override async afterConnectionClosed(): Promise<void> {
        await new Promise(() => {});
      }
    }
    const server = await RawServer.start();
    const managed = new Managed(server.url, {}, new Hanging(), { callbackTimeoutMs: 20 }).start();
    await (await acceptNext(server)).close(1012);
    await acceptNext(server);
    await managed.logged("connected", 2);
  });
});

describe("where there is no session", () => {
  it.each([
    ["401 Unauthorized", 401],
    ["403 Forbidden", 403],
    ["404 Not Found", 404],
  ])("because of %s it has stopped", async (statusLine, status) => {
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    await (await server.next()).refuse(statusLine);
    await managed.logged("VERNAL_HANDSHAKE_REFUSED stopped");
    expect(managed.ends[0]!.status).toBeUndefined();
    expect(managed.ends[0]!.error!.answer!.status).toBe(status);
    expect(managed.manager.isRunning).toBe(false);
  });

  it.each([
    ["503 Service Unavailable", 503],
    ["429 Too Many Requests", 429],
    ["500 Internal Server Error", 500],
  ])("because of %s it waits as long as Retry-After says, up to maxDelayMs", async (statusLine, status) => {
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    await (await server.next()).refuse(statusLine, ["Retry-After: 3600"]);
    await acceptNext(server);
    await managed.logged("connected");
    expect(managed.ends[0]!.error!.answer!.status).toBe(status);
    const next = managed.ends[0]!.next as { readonly delayMs: number };
    expect([20, 21]).toContain(next.delayMs);
  });

  it("because nobody answers it tries again after connectTimeoutMs", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url, { connectTimeoutMs: 40 }).start();
    const silent = await server.next();
    await acceptNext(server);
    await managed.logged("connected");
    expect(managed.ends).toMatchObject([{ error: { code: "VERNAL_CONNECT_TIMEOUT" } }]);
    expect(silent.isEnded).toBe(true);
  });

  it("because its client is closed it has stopped, whatever shouldReconnect would say", async () => {
    const client = newClient();
    const shouldReconnect = jest.fn(() => true);
    const ends: Disconnection[] = [];
    const manager = new WebSocketConnectionManager(client, new SessionRecorder(), "ws://localhost:1", {
      shouldReconnect,
      disconnected: (end) => void ends.push(end),
    });
    await client.close();
    manager.start();
    await until("the end", () => !manager.isRunning);
    expect(ends).toMatchObject([{ error: { code: "VERNAL_CLIENT_CLOSED" }, next: "stopped" }]);
    expect(shouldReconnect).not.toHaveBeenCalled();
  });
});

describe("the delay", () => {
  const delays = (managed: Managed): readonly unknown[] =>
    managed.ends.map(({ next }) => (next === "stopped" ? next : next.delayMs));

  it("grows where a server accepts and drops at once", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.999_999);
    const server = await RawServer.start();
    const managed = new Managed(server.url, { stableAfterMs: LONG_MS }).start();
    for (let count = 0; count < 5; count += 1) (await acceptNext(server)).socket.destroy();
    await until("five ends", () => managed.ends.length === 5);
    expect(delays(managed)).toEqual([1, 3, 7, 15, 19]);
  });

  it("begins anew after a connection that held", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.999_999);
    const server = await RawServer.start();
    const managed = new Managed(server.url, { stableAfterMs: 0 }).start();
    for (let count = 0; count < 3; count += 1) {
      await (await server.next()).refuse("503 Busy");
      (await acceptNext(server)).socket.destroy();
    }
    await until("six ends", () => managed.ends.length === 6);
    expect(delays(managed)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("has no end, unless maxAttempts says so", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url, { maxAttempts: 3 }).start();
    for (let count = 0; count < 3; count += 1) await (await server.next()).refuse("503 Busy");
    await until("the end", () => !managed.manager.isRunning);
    expect(managed.ends.map(({ next }) => next === "stopped")).toEqual([false, false, true]);
  });
});

describe("shouldReconnect", () => {
  it("brings it back against the rule, with an end to look at", async () => {
    const server = await RawServer.start();
    const seen: unknown[] = [];
    const managed = new Managed(server.url, {
      shouldReconnect: ({ status, error }) => {
        seen.push(status?.code ?? error?.answer?.status);
        return true;
      },
    }).start();
    await (await server.next()).refuse("401 Unauthorized");
    await (await acceptNext(server)).close(1008);
    await acceptNext(server);
    await managed.logged("connected", 2);
    expect(seen).toEqual([401, 1008]);
  });

  it("stops it against the rule", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url, { shouldReconnect: () => false }).start();
    await (await acceptNext(server)).close(1012);
    await managed.logged("1012 stopped");
  });

  it.each<[what: string, shouldReconnect: () => boolean | undefined]>([
    ["says nothing", () => undefined],
    ["says something else", () => "no" as unknown as boolean],
    [
      "throws",
      () => {
        throw new Error("oops");
      },
    ],
  ])("leaves it to the rule where it %s", async (what, shouldReconnect) => {
    const { logger, lines } = recordingLogger();
    const server = await RawServer.start();
    const managed = new Managed(server.url, { shouldReconnect }, new SessionRecorder(), { logger }).start();
    await (await acceptNext(server)).close(1012);
    await (await acceptNext(server)).close(1008);
    await managed.logged("1008 stopped");
    const failed = lines.filter(({ msg }) => msg === "shouldReconnect failed");
    expect(failed).toHaveLength(what === "throws" ? 2 : 0);
  });
});

describe("url and headers", () => {
  it("are asked for before each attempt, where they are functions", async () => {
    const server = await RawServer.start();
    let token = 0;
    const managed = new Managed(async () => `${server.url}/ws?token=${(token += 1)}`, {
      headers: () => ({ Authorization: `Bearer ${token}` }),
    }).start();
    for (const count of [1, 2]) {
      const peer = await server.next();
      const request = await peer.accept();
      expect(request[0]).toBe(`GET /ws?token=${count} HTTP/1.1`);
      expect(request).toContain(`Authorization: Bearer ${count}`);
      await managed.logged("connected", count);
      peer.socket.destroy();
    }
  });

  it("are asked for again when they have failed", async () => {
    const server = await RawServer.start();
    let count = 0;
    const fails = (): string => {
      count += 1;
      if (count < 3) throw new Error("no token");
      return server.url;
    };
    const managed = new Managed(fails).start();
    await acceptNext(server);
    await managed.logged("connected");
    expect(managed.ends.map(({ error }) => error!.message)).toEqual(
      Array(2).fill(
        expect.stringMatching(/^\[VERNAL_TARGET_FAILED\] The function for url failed: no token\./),
      ),
    );
  });

  it("that cannot be end it", async () => {
    const managed = new Managed(() => "https://localhost/?token=s3cret").start();
    await managed.logged("VERNAL_INVALID_ARGUMENT stopped");
    expect(managed.ends[0]!.error!.message).not.toContain("s3cret");
  });
});

describe("stop", () => {
  it("before the start does nothing", async () => {
    const managed = new Managed("ws://localhost:1");
    await managed.manager.stop();
    expect(managed.manager.isRunning).toBe(false);
  });

  it("closes the session with 1000, and tells it before it settles", async () => {
    const before = openResources();
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    const peer = await acceptNext(server);
    await managed.logged("connected");
    const stopped = managed.manager.stop();
    expect([managed.manager.isRunning, managed.manager.isConnected]).toEqual([false, false]);
    expect(managed.manager.stop()).toBe(stopped);
    expect(await peer.answerClose()).toBe(1000);
    await within("the stop", stopped);
    expect(managed.recorder.log).toEqual([
      "established",
      "connected",
      "closed 1000 by local",
      "1000 stopped",
    ]);
    await stopRawServers();
    await untilFreed(before);
  });

  it("while it connects gives up the attempt, of which nothing is told", async () => {
    const before = openResources();
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    const peer = await server.next();
    await peer.request();
    await within("the stop", managed.manager.stop());
    await until("the client to leave", () => peer.isEnded);
    expect(managed.recorder.log).toEqual([]);
    await stopRawServers();
    await untilFreed(before);
  });

  it("right after the start connects to nobody", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    await within("the stop", managed.manager.stop());
    expect(managed.recorder.log).toEqual([]);
    expect(server.peers).toEqual([]);
  });

  it("while it waits gives up the wait", async () => {
    jest.spyOn(Math, "random").mockReturnValue(0.9);
    const before = openResources();
    const server = await RawServer.start();
    const managed = new Managed(server.url, { initialDelayMs: LONG_MS, maxDelayMs: LONG_MS }).start();
    await (await server.next()).refuse("503 Busy");
    await managed.logged("VERNAL_HANDSHAKE_REFUSED goes on");
    await within("the stop", managed.manager.stop());
    expect(managed.ends).toHaveLength(1);
    await stopRawServers();
    await untilFreed(before);
  });

  it("while the url is asked for does not wait for it", async () => {
    const managed = new Managed(() => new Promise(() => {})).start();
    await new Promise((resolve) => setImmediate(resolve));
    await within("the stop", managed.manager.stop());
    expect(managed.recorder.log).toEqual([]);
  });

  it("does not wait for a server that answers no close frame longer than closeTimeoutMs", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url, {}, new SessionRecorder(), { closeTimeoutMs: 30 }).start();
    const peer = await acceptNext(server);
    await managed.logged("connected");
    await within("the stop", managed.manager.stop());
    await until("the client to leave", () => peer.isEnded);
    expect(managed.recorder.log.at(-1)).toBe("1000 stopped");
  });

  it.each(["afterConnectionEstablished", "handleTextMessage", "afterConnectionClosed"] as const)(
    "may be awaited in %s",
    async (callback) => {
      const before = openResources();
      const server = await RawServer.start();
      const recorder = new SessionRecorder();
      const managed = new Managed(server.url, {}, recorder);
      const inherited = recorder[callback].bind(recorder) as (...args: unknown[]) => void;
      recorder[callback] = async (...args: unknown[]) => {
        inherited(...args);
        await managed.manager.stop();
        recorder.log.push("stopped");
      };
      managed.start();
      const peer = await server.next();
      await peer.accept([], serverFrame(1, "x"));
      if (callback === "afterConnectionClosed") await peer.close(1012);
      else expect(await peer.answerClose()).toBe(1000);
      await managed.logged("stopped");
      await recorder.ended();
      expect(recorder.log.filter((line) => line === "established")).toHaveLength(1);
      // Not after a stop in afterConnectionEstablished.
      expect(recorder.log.includes("connected")).toBe(callback !== "afterConnectionEstablished");
      expect(recorder.log).toContain(`${callback === "afterConnectionClosed" ? 1012 : 1000} stopped`);
      await stopRawServers();
      await untilFreed(before);
    },
  );

  it("may be awaited in connected and in disconnected", async () => {
    const server = await RawServer.start();
    const inConnected: Managed = new Managed(server.url, {
      connected: () => inConnected.manager.stop(),
    }).start();
    expect(await (await acceptNext(server)).answerClose()).toBe(1000);
    await inConnected.logged("1000 stopped");

    const inDisconnected: Managed = new Managed(server.url, {
      disconnected: () => inDisconnected.manager.stop(),
    }).start();
    await (await acceptNext(server)).close(1012);
    await inDisconnected.logged("1012 goes on");
    await within("the stop", inDisconnected.manager.stop());
    expect([inDisconnected.ends.length, inDisconnected.manager.isRunning]).toEqual([1, false]);
  });

  it("in shouldReconnect counts more than what it answers", async () => {
    const server = await RawServer.start();
    const managed: Managed = new Managed(server.url, {
      shouldReconnect: () => {
        void managed.manager.stop();
        return true;
      },
    }).start();
    await (await acceptNext(server)).close(1012);
    await managed.logged("1012 stopped");
  });
});

describe("a start after the end", () => {
  it("begins anew, after a stop and after it has given up", async () => {
    const server = await RawServer.start();
    const managed = new Managed(server.url).start();
    const first = await acceptNext(server);
    await managed.logged("connected");
    void managed.manager.stop();
    managed.start();
    expect([managed.manager.isRunning, managed.manager.isConnected]).toEqual([true, false]);
    expect(await first.answerClose()).toBe(1000);
    const second = await acceptNext(server);
    await managed.logged("connected", 2);
    await second.close(1008);
    await managed.logged("1008 stopped");
    managed.start();
    await acceptNext(server);
    await managed.logged("connected", 3);
  });

  it("waits for the last callback of the session before, also when it was started within it", async () => {
    const atServer = new SessionRecorder();
    const application = await serve(atServer);
    const url = `${application.url}/ws`;
    class Restarting extends Lingering {
      override async afterConnectionClosed(session: WebSocketSession<object>): Promise<void> {
        void managed.manager.stop();
        managed.start();
        void managed.manager.stop();
        managed.start();
        await super.afterConnectionClosed(session);
      }
    }
    const managed: Managed = new Managed(url, {}, new Restarting(url)).start();
    await managed.logged("connected");
    atServer.sessions[0]!.close(CloseStatus.SERVICE_RESTARTED);
    await managed.logged("connected", 2);
    expect(managed.recorder.log).toEqual([
      "established",
      "connected",
      "closing",
      "1012 stopped",
      "closed",
      "established",
      "connected",
    ]);
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

describe("what is sent while there is no connection", () => {
  const away = async (
    queue?: SendQueueOptions,
    recorder?: SessionRecorder,
  ): Promise<{ readonly managed: Managed; readonly comeBack: () => Promise<RawPeer> }> => {
    const server = await RawServer.start();
    const { port, url } = server;
    await server.stop();
    const managed = new Managed(url, { queue }, recorder).start();
    await managed.logged("VERNAL_CANNOT_CONNECT goes on");
    return { managed, comeBack: async () => acceptNext(await RawServer.start({ port })) };
  };

  it("is answered with false, unless a queue is asked for", async () => {
    const { managed } = await away();
    expect(await managed.manager.send("lost")).toBe(false);
  });

  it("is answered with false before the start and after the stop, with a queue too", async () => {
    const managed = new Managed("ws://localhost:1", { queue: {} });
    expect(await managed.manager.send("early")).toBe(false);
    await managed.start().manager.stop();
    expect(await managed.manager.send("late")).toBe(false);
  });

  it("throws for what is no message, in every state", async () => {
    const nothing = {} as string;
    const { managed, comeBack } = await away({});
    expect(() => managed.manager.send(nothing)).toThrow(/VERNAL_INVALID_ARGUMENT/);
    await comeBack();
    await managed.logged("connected");
    expect(() => managed.manager.send(nothing)).toThrow(/VERNAL_INVALID_ARGUMENT/);
    expect(() => new Managed("ws://localhost:1").manager.send(nothing)).toThrow(/VERNAL_INVALID_ARGUMENT/);
  });

  it("is what it was when it was sent, whatever becomes of its bytes", async () => {
    const { managed, comeBack } = await away({});
    const bytes = Buffer.from("one");
    const sent = [managed.manager.send(bytes)];
    bytes.write("two");
    sent.push(managed.manager.send(new BinaryMessage(bytes)));
    bytes.write("xxx");
    const peer = await comeBack();
    expect(await texts(peer, 2)).toEqual(["one", "two"]);
    expect(await Promise.all(sent)).toEqual([true, true]);
  });

  it("goes in its order with the next one, before what is sent then", async () => {
    const { managed, comeBack } = await away({});
    const sent = ["1", "2", "3"].map((each) => managed.manager.send(each));
    const peer = await comeBack();
    await managed.logged("connected");
    const last = managed.manager.send("4");
    expect(await texts(peer, 4)).toEqual(["1", "2", "3", "4"]);
    expect(await Promise.all([...sent, last])).toEqual([true, true, true, true]);
  });

  it("goes after afterConnectionEstablished on each connection, also what is sent while it runs", async () => {
    let { passed, open } = gate();
    class Greeting extends SessionRecorder {
      override async afterConnectionEstablished(session: WebSocketSession<object>): Promise<void> {
        this.log.push("begins");
        await passed;
        await session.sendMessage("login");
      }
    }
    const server = await RawServer.start();
    const managed = new Managed(server.url, { queue: {} }, new Greeting()).start();
    for (const count of [1, 2]) {
      const peer = await acceptNext(server);
      await managed.logged("begins", count);
      void managed.manager.send("1");
      open();
      await managed.logged("connected", count);
      void managed.manager.send("2");
      expect(await texts(peer, 3)).toEqual(["login", "1", "2"]);
      ({ passed, open } = gate());
      await peer.close(1012);
    }
    open();
  });

  it("is bounded", async () => {
    const { managed, comeBack } = await away({ maxMessages: 2, overflow: "drop" });
    const sent = ["1", "2", "3"].map((each) => managed.manager.send(each));
    expect(await sent[0]).toBe(false);
    const peer = await comeBack();
    expect(await texts(peer, 2)).toEqual(["2", "3"]);
    expect(await Promise.all(sent)).toEqual([false, true, true]);
  });

  it("is answered with false when the manager stops, by itself or because it was told to", async () => {
    const { managed, comeBack } = await away({});
    const first = managed.manager.send("1");
    void managed.manager.stop();
    expect(await first).toBe(false);
    managed.start();
    await managed.logged("VERNAL_CANNOT_CONNECT goes on", 2);
    const { passed, open } = gate();
    managed.recorder.afterConnectionEstablished = () => passed;
    const second = managed.manager.send("2");
    const peer = await comeBack();
    await peer.close(1008);
    await managed.logged("1008 stopped");
    expect(await second).toBe(false);
    open();
  });

  it("goes no faster than the server takes it", async () => {
    const { managed, comeBack } = await away({ maxBytes: 8 * 1024 * 1024 });
    const message = Buffer.alloc(60_000, "x");
    const sent = Array.from({ length: 130 }, () => managed.manager.send(message));
    const peer = await comeBack();
    peer.socket.pause();
    await managed.logged("connected");
    expect(managed.manager.session!.bufferedAmount).toBeLessThan(200_000);
    void managed.manager.send("last");
    peer.socket.resume();
    for (let count = 0; count < 130; count += 1) expect((await peer.frame()).payload).toHaveLength(60_000);
    expect(await texts(peer, 1)).toEqual(["last"]);
    expect(new Set(await Promise.all(sent))).toEqual(new Set([true]));
    expect(managed.ends.every(({ status }) => status === undefined)).toBe(true);
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
