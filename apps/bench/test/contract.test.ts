import { once } from "node:events";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { textOf } from "../src/load/dialect";
import type { Behaviour } from "../src/peers/behaviour";
import { peers, type Peer } from "../src/peers/catalogue";
import { Server } from "../src/processes/server";
import { scenarios } from "../src/scenarios/catalogue";

const LIMIT_MS = 20_000;
const TEXT = textOf(300);
const DATA = { x: 1, name: "with ünicode" };

/** A client that speaks as the documentation of the peer says. */
interface Client {
  /** Resolves with the next message, as an event and its data. */
  next(): Promise<unknown>;
  send(event: string, data: unknown): void;
  close(): void;
}

/** Text goes as it is, JSON as an event. */
async function connectPlain(port: number): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  await once(socket, "open");
  return {
    next: async () => {
      const [data, isBinary] = (await once(socket, "message")) as [Buffer, boolean];
      expect(isBinary).toBe(false);
      const text = data.toString();
      return text.startsWith("{") ? (JSON.parse(text) as unknown) : { event: "m", data: text };
    },
    send: (event, data) => socket.send(event === "m" ? String(data) : JSON.stringify({ event, data })),
    close: () => socket.terminate(),
  };
}

async function connectSocketIo(port: number): Promise<Client> {
  const socket = io(`http://127.0.0.1:${port}`, {
    path: "/ws",
    transports: ["websocket"],
    reconnection: false,
  });
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    next: () =>
      new Promise((resolve) => {
        socket.onAny((event: string, data: unknown) => resolve({ event, data }));
      }),
    send: (event, data) => void socket.emit(event, data),
    close: () => void socket.disconnect(),
  };
}

async function withClients(
  peer: Peer,
  behaviour: Behaviour,
  count: number,
  work: (clients: readonly Client[]) => Promise<void>,
): Promise<void> {
  const server = await Server.listen(peer, behaviour, { pin: false });
  const connect = peer.dialect === "plain" ? connectPlain : connectSocketIo;
  const clients: Client[] = [];
  try {
    for (let index = 0; index < count; index += 1) clients.push(await connect(server.port));
    await work(clients);
  } finally {
    for (const client of clients) client.close();
    await server.end();
  }
}

const does = (peer: Peer, prefix: string): boolean =>
  scenarios.some(({ name, peers }) => name.startsWith(prefix) && peers.includes(peer.name));

describe.each(peers.map((peer) => [peer.name, peer] as const))("%s", (_, peer) => {
  const test = (prefix: string, title: string, work: () => Promise<void>): void => {
    if (does(peer, prefix)) it(title, work, LIMIT_MS);
  };

  test("echo", "sends back what it gets", () =>
    withClients(peer, "echo", 1, async ([client]) => {
      const answer = client!.next();
      client!.send("m", TEXT);
      expect(await answer).toEqual({ event: "m", data: TEXT });
    }),
  );

  test("json", "answers an event with another one and the same data", () =>
    withClients(peer, "json", 1, async ([client]) => {
      const answer = client!.next();
      client!.send("move", DATA);
      expect(await answer).toEqual({ event: "moved", data: DATA });
    }),
  );

  const reachesAll = (behaviour: Behaviour): Promise<void> =>
    withClients(peer, behaviour, 3, async (clients) => {
      const received = Promise.all(clients.map((client) => client.next()));
      clients[1]!.send("m", TEXT);
      const message = { event: "m", data: TEXT };
      expect(await received).toEqual([message, message, message]);
    });
  test("broadcast", "sends to all, the sender included", () => reachesAll("broadcast"));
  test("compressed", "does the same compressed", () => reachesAll("compressed"));
});
