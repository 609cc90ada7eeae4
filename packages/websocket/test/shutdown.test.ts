import type { TestClient } from "@vernal/testing";
import { connectClient } from "./harness/client";
import { openRaw, upgradeRequest } from "./harness/raw-connection";
import { until, within } from "./harness/until";
import { Program } from "./fixtures/program";
import { removeTemporaryFolders } from "./fixtures/temporary-folder";

jest.setTimeout(30_000);

const SESSIONS = 2000;
const programs: Program[] = [];

/** Plain JavaScript: what the compiler makes of decorators is a call. */
const ECHO = `
const { Component, TextWebSocketHandler, WebSocketApplication, WebSocketHandler } = require("@vernal/websocket");
let answered = 0;
class Echo extends TextWebSocketHandler {
  async handleTextMessage(session, message) {
    await new Promise((resolve) => setImmediate(resolve));
    answered += 1;
    void session.sendMessage(message.payload);
  }
}
WebSocketHandler("/echo")(Echo);
class Endless extends TextWebSocketHandler {
  handleTextMessage() { console.log("endless"); return new Promise(() => {}); }
}
WebSocketHandler("/endless")(Endless);
class Teller {
  dispose() { console.log("answered: " + answered); }
}
Component()(Teller);
void WebSocketApplication.run({
  port: 0, components: [Echo, Endless, Teller],
  drainJitterMs: 6000, drainTimeoutMs: 20_000, retryAfterSeconds: 3,
});
`;

function run(): Program {
  const program = new Program({ "main.cjs": ECHO }, { NODE_ENV: "production" });
  programs.push(program);
  return program;
}

afterEach(() => {
  for (const { child } of programs.splice(0)) child.kill("SIGKILL");
});
afterAll(removeTemporaryFolders);

/** Connects some at a time, so that none waits for long. */
async function connectMany(url: string, count: number): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  while (clients.length < count) {
    const more = Array.from({ length: Math.min(100, count - clients.length) }, () => connectClient(url));
    clients.push(...(await Promise.all(more)));
  }
  return clients;
}

/** Sends the next number whenever the one before has come back. */
function keepSending(client: TestClient): void {
  let next = 0;
  // Also when the close has begun.
  const send = (): void => client.native.send(String((next += 1)));
  client.native.on("message", send);
  send();
}

it(`a signal ends ${SESSIONS} sessions that all send, batch by batch, and loses no answer`, async () => {
  const program = run();
  const port = await program.port();
  const clients = await connectMany(`ws://localhost:${port}/echo`, SESSIONS);
  for (const client of clients) keepSending(client);
  await until("an answer for each", () => clients.every(({ received }) => received.length > 0));

  let closed = 0;
  for (const { native } of clients) native.once("close", () => (closed += 1));
  program.child.kill("SIGTERM");
  await until("the first batch", () => closed > 0);
  // Those of the last batch go on as before.
  const last = clients.at(-1)!;
  const answers = last.received.length;
  await until("an answer for another batch", () => last.received.length > answers + 1);
  const late = await openRaw(port);
  late.write(upgradeRequest("/echo"));
  expect(await late.answer()).toMatchObject({ status: 503, headers: { "retry-after": "3" } });
  expect(last.native.readyState).toBe(last.native.OPEN);
  const closedBefore = closed;
  await until("another batch", () => closed > closedBefore);
  expect(last.native.readyState).toBe(last.native.OPEN);

  const ends = await Promise.all(clients.map((client) => client.closed({ timeoutMs: Infinity })));
  expect(ends.filter(({ code }) => code !== 1001)).toEqual([]);
  await expect(within("the end of the process", program.ended)).resolves.toBe(0);
  for (const { received } of clients) expect(received).toEqual(received.map((_, index) => String(index + 1)));
  const [, answered] = /answered: (\d+)/.exec(program.stdout)!;
  expect(clients.reduce((sum, { received }) => sum + received.length, 0)).toBe(Number(answered));
  expect(program.stderr).toBe("");
});

it.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("a second %s cuts sessions that do not finish, with %i", async (signal, code) => {
  const program = run();
  const clients = await connectMany(`ws://localhost:${await program.port()}/endless`, 20);
  for (const client of clients) client.send("x");
  await program.prints(/(endless\s+){20}/);
  program.child.kill(signal);
  await program.prints(/closing; a second signal cuts at once/);
  // More than once, because one that follows at once is taken for the same.
  const again = setInterval(() => program.child.kill(signal), 50);
  const end = await program.ended;
  clearInterval(again);
  expect(end).toBe(code);
  for (const client of clients) expect((await client.closed()).code).toBe(1006);
  expect(program.stdout).not.toContain("answered");
  expect(program.stderr).toBe("");
});
