import { once } from "node:events";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { Child } from "../src/processes/child";
import type { Listening } from "../src/processes/questions";

const LIMIT_MS = 30_000;

/** Somebody in a room. */
interface Member {
  say(text: string): void;
  /** The next thing that others say. */
  hear(): Promise<string>;
  leave(): void;
}

/** What has been heard and not been asked for yet. */
class Ear {
  readonly #heard: string[] = [];
  #wake = (): void => {};

  takeIn(text: string): void {
    this.#heard.push(text);
    this.#wake();
  }

  async hear(): Promise<string> {
    while (this.#heard.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#heard.shift()!;
  }
}

async function enter(url: string, asMessage: (text: string) => string): Promise<Member> {
  const socket = new WebSocket(url);
  const ear = new Ear();
  socket.on("message", (data: Buffer, isBinary) => ear.takeIn(isBinary ? "binary" : data.toString()));
  await once(socket, "open");
  return {
    say: (text) => socket.send(asMessage(text)),
    hear: () => ear.hear(),
    leave: () => socket.terminate(),
  };
}

async function enterSocketIo(port: number, room: string): Promise<Member> {
  const socket = io(`http://127.0.0.1:${port}`, { query: { room }, transports: ["websocket"] });
  const ear = new Ear();
  socket.on("say", (text: string) => ear.takeIn(text));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    say: (text) => void socket.emit("say", text),
    hear: () => ear.hear(),
    leave: () => void socket.disconnect(),
  };
}

const plain = (text: string): string => text;
const byPath = (port: number, room: string) => enter(`ws://127.0.0.1:${port}/ws/rooms/${room}`, plain);
const ofNest = (port: number, room: string) =>
  enter(`ws://127.0.0.1:${port}/ws?room=${room}`, (data) => JSON.stringify({ event: "say", data }));

beforeAll(() => {
  process.env["PORT"] = "0";
});
afterAll(() => {
  delete process.env["PORT"];
});

// The servers of docs/guides/coming-from-node.md.
describe.each([
  ["vernal", byPath],
  ["nest", ofNest],
  ["socket-io", enterSocketIo],
  ["ws", byPath],
] as const)("the rooms of %s", (name, join) => {
  it(
    "pass on what one says to all others in the room, and to nobody else",
    async () => {
      const server = new Child(`rooms/${name}`);
      const members: Member[] = [];
      try {
        const { port } = (await server.ready) as Listening;
        for (const room of ["tea", "tea", "coffee", "coffee"]) members.push(await join(port, room));
        const [ada, bob, eve, joe] = members as [Member, Member, Member, Member];
        ada.say("milk?");
        expect(await bob.hear()).toBe("milk?");
        bob.say("yes");
        expect(await ada.hear()).toBe("yes");
        // Nothing of all that comes before it.
        eve.say("black");
        expect(await joe.hear()).toBe("black");
        joe.say("of course");
        expect(await eve.hear()).toBe("of course");
      } finally {
        for (const member of members) member.leave();
        await server.end();
      }
    },
    LIMIT_MS,
  );
});
