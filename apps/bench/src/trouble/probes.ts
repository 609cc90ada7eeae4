import { setTimeout as sleep } from "node:timers/promises";
import type { Peer } from "../peers/catalogue";
import { Child } from "../processes/child";
import type { Listening } from "../processes/questions";
import { connect, type Client } from "./client";
import type { Flood, Habit } from "./server";

/** What may go wrong with a server, and how one finds out what it does then. */
export interface Probe {
  readonly name: string;
  readonly habit: Habit;
  readonly run: (server: Troubled) => Promise<string>;
}

/** A server that is to be troubled. */
export interface Troubled {
  connect(): Promise<Client>;
  knock(origin: string): Promise<Client | string>;
  flood(): Promise<Flood>;
  terminate(): void;
}

/** For what comes, if it comes. */
const LONG_MS = 10_000;
/** For what must not come, and for a server to hear of something. */
const SHORT_MS = 600;
/** Between a server that keeps 125 MiB for a client and one that does not. */
const MUCH_BYTES = 60 * 1024 * 1024;

export const probes: readonly Probe[] = [
  {
    name: "A page of another origin connects",
    habit: "echo",
    run: async (server) => {
      const client = await server.knock("https://evil.example");
      return typeof client === "string" ? client : "let in";
    },
  },
  {
    name: "Five messages at once, the first takes longest",
    habit: "ordered",
    run: async (server) => {
      const client = await server.connect();
      const texts = ["1", "2", "3", "4", "5"];
      for (const text of texts) client.send(text);
      const heard = [];
      for (const _ of texts) heard.push(await client.next(LONG_MS));
      return heard.join() === texts.join() ? "in order" : "out of order";
    },
  },
  {
    name: "A message comes while the connection is looked up",
    habit: "opening",
    run: async (server) => {
      const client = await server.connect();
      client.send("hello");
      const answer = await client.next(4 * SHORT_MS);
      if (answer === undefined) return "lost";
      return answer === "after" ? "waits" : "handled too early";
    },
  },
  {
    name: "125 MiB for a client that does not read",
    habit: "flood",
    run: async (server) => {
      const client = await server.connect();
      const { rss } = await server.flood();
      client.stopReading();
      client.send("go");
      let most = rss;
      for (let isFlooding = true; isFlooding;) {
        await sleep(20);
        const flood = await server.flood();
        ({ isFlooding } = flood);
        most = Math.max(most, flood.rss);
      }
      return most - rss > MUCH_BYTES ? "kept in memory" : "bounded";
    },
  },
  {
    name: "A message of 8 MiB",
    habit: "echo",
    run: async (server) => {
      const client = await server.connect();
      const text = "x".repeat(8 * 1024 * 1024);
      client.send(text);
      return (await client.next(LONG_MS)) === text ? "taken" : client.ended;
    },
  },
  {
    name: "An asynchronous handler rejects",
    habit: "failing",
    run: async (server) => {
      const [client, other] = [await server.connect(), await server.connect()];
      client.send("anything");
      const [told, ending, othersEnding] = await Promise.all([
        client.next(SHORT_MS),
        within(SHORT_MS, client.ended),
        within(SHORT_MS, other.ended),
      ]);
      if (othersEnding !== undefined) return "the process ends";
      return ending ?? (told === undefined ? "nothing happens" : "told, stays open");
    },
  },
  {
    name: "SIGTERM while a message is handled",
    habit: "ordered",
    run: async (server) => {
      const client = await server.connect();
      client.send("1");
      await sleep(SHORT_MS / 4);
      server.terminate();
      const answer = await client.next(LONG_MS);
      return `${answer === "1" ? "answered" : "lost"}, ${await client.ended}`;
    },
  },
];

/** Starts a server for one probe, and says what became of it. */
export async function find(peer: Peer, { habit, run }: Probe): Promise<string> {
  const child = new Child(`trouble/servers/${peer.module}`, { args: [habit] });
  const clients: Client[] = [];
  try {
    const { port } = (await child.ready) as Listening;
    const knock = async (origin?: string): Promise<Client | string> => {
      const client = await connect(peer, port, origin);
      if (typeof client !== "string") clients.push(client);
      return client;
    };
    return await run({
      knock,
      connect: async () => {
        const client = await knock();
        if (typeof client === "string") throw new Error(`${peer.name} refuses with ${client}`);
        return client;
      },
      flood: () => child.ask("flood"),
      terminate: () => child.signal("SIGTERM"),
    });
  } finally {
    for (const client of clients) client.leave();
    await child.end();
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, sleep(ms, undefined, { ref: false })]);
}
