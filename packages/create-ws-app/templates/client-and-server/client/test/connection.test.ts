import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { Connection, longestWait, type ConnectionState } from "../src/connection";

/** As in a browser, where an error that nobody listens for is harmless. */
class BrowserWebSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    this.on("error", () => undefined);
  }
}

Object.assign(globalThis, { WebSocket: BrowserWebSocket });

let server: WebSocketServer;
let connection: Connection<string, string>;
let events: unknown[];
let onEvent: () => void;

beforeEach(async () => {
  events = [];
  onEvent = () => undefined;
  await listen(0);
});

afterEach(async () => {
  connection.close();
  await stop();
});

async function listen(port: number): Promise<void> {
  server = new WebSocketServer({ port });
  await once(server, "listening");
}

/** Ends the server and all connections with it. */
function stop(): Promise<void> {
  for (const client of server.clients) client.terminate();
  return new Promise((resolve) => server.close(() => resolve()));
}

const portOf = () => (server.address() as AddressInfo).port;

function connect(longestWaitMs = 1): void {
  const add = (event: unknown) => {
    events.push(event);
    onEvent();
  };
  connection = new Connection({
    url: `ws://localhost:${portOf()}`,
    onState: (state: ConnectionState) => add(state.name === "refused" ? state : state.name),
    onMessage: (message) => add({ message }),
    longestWaitMs,
  });
}

/** Waits until this has happened after everything that was waited for before. */
async function seen(event: unknown): Promise<void> {
  const isThis = (other: unknown) => JSON.stringify(other) === JSON.stringify(event);
  while (!events.some(isThis)) await new Promise<void>((resolve) => (onEvent = resolve));
  events.splice(0, events.findIndex(isThis) + 1);
}

async function accept(): Promise<WebSocket> {
  const [socket] = (await once(server, "connection")) as [WebSocket];
  return socket;
}

test("connects, and speaks JSON in both directions", async () => {
  const accepted = accept();
  connect();
  const socket = await accepted;
  await seen("open");
  socket.send(JSON.stringify("hello"));
  await seen({ message: "hello" });
  const message = once(socket, "message");
  expect(connection.send("hi")).toBe(true);
  expect(String((await message)[0])).toBe('"hi"');
});

test("comes back when the server does, and sends nothing into the void", async () => {
  connect();
  await seen("open");
  const port = portOf();
  await stop();
  await seen("waiting");
  expect(connection.send("anybody?")).toBe(false);
  // In vain at first.
  await seen("connecting");
  await seen("waiting");
  await listen(port);
  await seen("open");
});

test("hurries where it would wait", async () => {
  connect(1_000_000_000);
  await seen("open");
  const port = portOf();
  await stop();
  await seen("waiting");
  await listen(port);
  connection.hurry();
  await seen("open");
});

test("stays away where the server says so", async () => {
  const accepted = accept();
  connect();
  (await accepted).close(1008, "Not you.");
  await seen({ name: "refused", reason: "Not you." });
  connection.hurry();
  expect(events).toEqual([]);
});

test("says nothing once it is closed", async () => {
  const accepted = accept();
  connect();
  const socket = await accepted;
  await seen("open");
  connection.close();
  await once(socket, "close");
  expect(events).toEqual([]);
});

test("a server that closes at once is asked less and less often, until it says something", async () => {
  const [random, now] = [jest.spyOn(Math, "random"), jest.spyOn(Date, "now")];
  random.mockReturnValue(0.5);
  now.mockReturnValue(0);
  const waits: number[] = [];
  server.on("connection", (socket) => {
    if (waits.length === 3) socket.send('"hello"');
    socket.close();
  });
  await new Promise<void>((resolve) => {
    connection = new Connection({
      url: `ws://localhost:${portOf()}`,
      firstWaitMs: 2,
      onState: (state) => {
        if (state.name === "waiting" && waits.push(state.retryAt) === 5) resolve();
      },
      onMessage: () => undefined,
    });
  });
  random.mockRestore();
  now.mockRestore();
  expect(waits).toEqual([1, 2, 4, 1, 2]);
});

test.each([
  [0, 1000],
  [1, 2000],
  [4, 16_000],
  [5, 30_000],
  [5000, 30_000],
])("after %d failures in a row it waits for at most %d ms", (failures, wait) => {
  expect(longestWait(failures, { firstWaitMs: 1000, longestWaitMs: 30_000 })).toBe(wait);
});
