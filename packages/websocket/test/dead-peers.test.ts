import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { encodeRawFrame } from "@vernal/testing";
import {
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  type CloseStatus,
  type PongMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger } from "./harness/application";
import { connectClient } from "./harness/client";
import { leave, upgradeRaw } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

const INTERVAL_MS = 200;

class Keeper extends TextWebSocketHandler {
  readonly ended = new Map<WebSocketSession<object>, CloseStatus>();
  readonly held: (() => void)[] = [];

  isFree = false;

  override handleTextMessage(): Promise<void> {
    if (this.isFree) return Promise.resolve();
    return new Promise((resolve) => this.held.push(resolve));
  }

  override afterConnectionClosed(session: WebSocketSession<object>, status: CloseStatus): void {
    this.ended.set(session, status);
  }
}

/** A line between client and server that can be cut without a word to either. */
class Cable {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      near.pipe(far);
      far.pipe(near);
      for (const socket of [near, far]) {
        socket.on("error", () => {});
        this.#sockets.push(socket);
      }
    });
  }

  static async to(port: number): Promise<Cable> {
    const cable = new Cable(port);
    cable.#server.listen(0, "127.0.0.1");
    await once(cable.#server, "listening");
    return cable;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Packets are dropped from now on. */
  pull(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.on("data", () => {});
    }
  }

  remove(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

const cables: Cable[] = [];

afterEach(closeApplications);
afterEach(() => {
  for (const cable of cables.splice(0)) cable.remove();
});

describe("a peer whose cable is pulled", () => {
  it.each(["nobody sends anything", "the application goes on sending"])(
    "is cut with 1006 while %s, and those that live are not",
    async (what) => {
      const { logger, lines } = recordingLogger("info");
      const handler = new Keeper();
      const application = await serve(handler, { heartbeatIntervalMs: INTERVAL_MS }, { logger });
      const broadcaster = application.get(WebSocketBroadcaster);
      const cable = await Cable.to(application.port);
      cables.push(cable);
      const living = await connectClient(`${application.url}/ws`);
      await connectClient(`ws://127.0.0.1:${cable.port}/ws`);
      await until("both", () => application.stats().openSessions === 2);
      cable.pull();
      await until("the cut", () => {
        // A write that the system takes says nothing of the peer.
        if (what !== "nobody sends anything") broadcaster.toAll().send("news");
        return handler.ended.size === 1;
      });
      const [[session, status]] = [...handler.ended] as [[WebSocketSession<object>, CloseStatus]];
      expect([status.code, session.closedBy]).toEqual([1006, "network"]);
      expect(living.native.readyState).toBe(living.native.OPEN);
      expect(application.stats().limits).toEqual({ heartbeatIntervalMs: 1 });
      expect(lines).toContainEqual(
        expect.objectContaining({ session: session.id, limit: "heartbeatIntervalMs" }),
      );
      await living.close();
    },
  );
});

it("asks a quiet peer by a ping, and one that answers goes on", async () => {
  const handler = new Keeper();
  const application = await serve(handler, { heartbeatIntervalMs: INTERVAL_MS });
  const peer = await upgradeRaw(application.port, "/ws");
  const silent = await upgradeRaw(application.port, "/ws");
  for (let count = 0; count < 3; count += 1) {
    const ping = await peer.nextFrame();
    expect(ping.opcode).toBe(9);
    peer.writeFrame({ opcode: 10, payload: ping.payload });
  }
  await until("the silent one to be cut", () => handler.ended.size === 1);
  expect(silent.isEnded).toBe(true);
  expect(application.stats().openSessions).toBe(1);
  await leave(peer);
});

it("does not take a session for dead that it has paused itself, or whose handler is busy", async () => {
  const handler = new Keeper();
  const application = await serve(handler, { heartbeatIntervalMs: INTERVAL_MS, maxPendingMessages: 2 });
  const paused = await upgradeRaw(application.port, "/ws");
  // Its pongs lie behind what is not read.
  paused.write(Buffer.concat(Array.from({ length: 10 }, () => encodeRawFrame({ opcode: 1, payload: "x" }))));
  const busy = await connectClient(`${application.url}/ws`);
  busy.send("x");
  await until("the handlers", () => handler.held.length === 2 && application.stats().pausedSessions === 1);
  // Silent ones that came later are cut, one after the other: two times the time has passed for all.
  for (let count = 1; count <= 2; count += 1) {
    await upgradeRaw(application.port, "/ws");
    await until("a silent one to be cut", () => handler.ended.size === count);
  }
  expect(application.stats()).toMatchObject({ openSessions: 2, pausedSessions: 1 });
  expect(busy.native.readyState).toBe(busy.native.OPEN);
  handler.isFree = true;
  for (const letGo of handler.held) letGo();
  await busy.close();
  await leave(paused);
});

it("keeps the answers to its own pings from the handler, and delivers every other pong", async () => {
  const pongs: string[] = [];
  class Pongs extends Keeper {
    override handlePongMessage(_session: WebSocketSession<object>, message: PongMessage): void {
      pongs.push(message.payload.toString());
    }
  }
  const application = await serve(new Pongs(), { heartbeatIntervalMs: INTERVAL_MS });
  const peer = await upgradeRaw(application.port, "/ws");
  peer.writeFrame({ opcode: 10, payload: (await peer.nextFrame()).payload });
  peer.writeFrame({ opcode: 10, payload: "mine" });
  peer.writeFrame({ opcode: 10 });
  await until("the others", () => pongs.length === 2);
  expect(pongs).toEqual(["mine", ""]);
  await leave(peer);
});

it("does not ask at all where the heartbeat is off", async () => {
  @WebSocketHandler("/asked", { heartbeatIntervalMs: 100 })
  class Asked extends TextWebSocketHandler {}
  const options = { heartbeatIntervalMs: 40, components: [Asked] };
  const application = await serve(new Keeper(), { heartbeatIntervalMs: false }, options);
  const peer = await upgradeRaw(application.port, "/ws");
  await upgradeRaw(application.port, "/asked");
  await until("the one that is asked to be cut", () => application.stats().closesByCode[1006] === 1);
  peer.writeFrame({ opcode: 9, payload: "mine" });
  expect((await peer.nextFrame()).payload.toString()).toBe("mine");
  await leave(peer);
});

it("answers the newest of the pings that come at once, and only that one", async () => {
  const application = await serve(new Keeper());
  const peer = await upgradeRaw(application.port, "/ws");
  const pings = Array.from({ length: 100 }, (_, index) =>
    encodeRawFrame({ opcode: 9, payload: String(index) }),
  );
  peer.write(Buffer.concat(pings));
  const pong = await peer.nextFrame();
  expect([pong.opcode, pong.payload.toString()]).toEqual([10, "99"]);
  peer.writeFrame({ opcode: 9, payload: "again" });
  expect((await peer.nextFrame()).payload.toString()).toBe("again");
  await within("the end", leave(peer));
});
