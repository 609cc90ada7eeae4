import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { attack, attackNames } from "./attacks.mjs";
import { frame, RawPeer } from "./raw-peer.mjs";

const below = (end) => Math.floor(Math.random() * end);

/** How many connections of each kind there are at a time. */
const kinds = { echo: 60, diary: 20, room: 100, "slow reader": 10, "dead reader": 10, attack: 40 };

/** The clients of a soak: as soon as one has gone, another comes in its place. */
export class Peers {
  connections = 0;
  messages = 0;
  received = 0;
  attacks = Object.fromEntries(attackNames.map((name) => [name, 0]));
  /** What must not have happened. */
  failures = [];
  #port;
  #isOver = false;
  #slots;

  constructor(port) {
    this.#port = port;
    this.#slots = Object.entries(kinds).flatMap(([kind, count]) =>
      Array.from({ length: count }, () => this.#keepComing(kind)),
    );
  }

  /** No more come; waits until those that are there have gone. */
  async end() {
    this.#isOver = true;
    await Promise.all(this.#slots);
  }

  async #keepComing(kind) {
    await sleep(below(3000));
    while (!this.#isOver) {
      this.connections += 1;
      try {
        await this.#live(kind);
      } catch (error) {
        this.failures.push(`${kind}: ${error.message}`);
        await sleep(100);
      }
    }
  }

  #live(kind) {
    switch (kind) {
      case "echo":
        return this.#converse("/echo", 20 + below(200));
      case "diary":
        return this.#converse("/diary", 20 + below(40));
      case "room":
        return this.#talk(`/rooms/${below(20)}`);
      case "slow reader":
        return this.#readSlowly();
      case "dead reader":
        return this.#readNothing();
      default:
        return this.#attack();
    }
  }

  /** Sends, and waits for the same to come back. */
  async #converse(path, count) {
    const ws = await this.#open(path);
    for (let index = 0; index < count && !this.#isOver; index += 1) {
      const text = `${index} ${"x".repeat(below(2000))}`;
      ws.send(text);
      this.messages += 1;
      const [data] = await once(ws, "message", { signal: AbortSignal.timeout(10_000) });
      this.received += 1;
      if (data.toString() !== text) throw new Error(`${text} came back as ${data}`);
      await sleep(below(60));
    }
    await this.#leave(ws);
  }

  async #talk(path) {
    const ws = await this.#open(path);
    ws.on("message", () => (this.received += 1));
    for (let count = 5 + below(20); count > 0 && !this.#isOver; count -= 1) {
      ws.send("x".repeat(below(300)));
      this.messages += 1;
      await sleep(100 + below(400));
    }
    await this.#leave(ws);
  }

  async #readSlowly() {
    const { socket, ended } = await RawPeer.upgrade(this.#port, "/firehose");
    socket.write(frame(1, "go"));
    socket.on("data", () => {
      socket.pause();
      setTimeout(() => socket.resume(), 20).unref();
    });
    await Promise.race([ended, sleep(3000 + below(5000))]);
    if (below(2) === 0) socket.resetAndDestroy();
    else socket.destroy();
  }

  async #readNothing() {
    const { socket, ended } = await RawPeer.upgrade(this.#port, "/firehose");
    socket.write(frame(1, "go"));
    socket.pause();
    await sleep(4000 + below(3000));
    socket.resume();
    await Promise.race([ended, sleep(5000)]);
    socket.destroy();
  }

  async #attack() {
    const name = attackNames[below(attackNames.length)];
    this.attacks[name] += 1;
    if (!(await attack(this.#port, name, `/rooms/${below(20)}`))) throw new Error(`${name} is not ended`);
    await sleep(below(100));
  }

  async #open(path) {
    const ws = new WebSocket(`ws://127.0.0.1:${this.#port}${path}`);
    ws.on("error", (error) => this.failures.push(`${path}: ${error.message}`));
    await once(ws, "open", { signal: AbortSignal.timeout(10_000) });
    return ws;
  }

  async #leave(ws) {
    const closed = once(ws, "close");
    if (below(4) === 0) ws.terminate();
    else ws.close(1000);
    await closed;
  }
}
