import { CloseStatus, WebSocketConnectionManager, type Disconnection } from "../src/index";
import { recordingLogger } from "./harness/application";
import { newClient } from "./harness/clients";
import { acceptNext, endManagers, Lingering, LONG_MS, Managed } from "./harness/managed";
import { RawServer, stopRawServers } from "./harness/raw-server";
import { openResources, untilFreed } from "./harness/resources";
import { serve } from "./harness/serve";
import { SessionRecorder } from "./harness/session-recorder";
import { until } from "./harness/until";

afterEach(() => jest.restoreAllMocks());
afterEach(endManagers);

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
