import { CloseStatus, type WebSocketSession } from "../src/index";
import { acceptNext, endManagers, Lingering, LONG_MS, Managed } from "./harness/managed";
import { RawServer, serverFrame, stopRawServers } from "./harness/raw-server";
import { openResources, untilFreed } from "./harness/resources";
import { serve } from "./harness/serve";
import { SessionRecorder } from "./harness/session-recorder";
import { until, within } from "./harness/until";

afterEach(() => jest.restoreAllMocks());
afterEach(endManagers);

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
