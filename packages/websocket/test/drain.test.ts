import { once } from "node:events";
import {
  CloseStatus,
  TextWebSocketHandler,
  WebSocketSessions,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications } from "./harness/application";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { openResources, untilFreed } from "./harness/resources";
import { serve } from "./harness/serve";
import { turns } from "./harness/turns";
import { until, within } from "./harness/until";

/** Answers when it is told to. */
class Patient extends TextWebSocketHandler {
  readonly ended: number[] = [];
  readonly #held: (() => void)[] = [];
  #answersAtOnce = false;
  began = 0;

  override async handleTextMessage(session: WebSocketSession<object>, message: TextMessage): Promise<void> {
    this.began += 1;
    if (!this.#answersAtOnce) await new Promise<void>((resolve) => this.#held.push(resolve));
    void session.sendMessage(`answer to ${message.payload}`);
  }

  override afterConnectionClosed(_session: WebSocketSession<object>, status: CloseStatus): void {
    this.ended.push(status.code);
  }

  answer(): void {
    this.#answersAtOnce = true;
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

afterEach(closeApplications);

it("answers what has arrived before it says 1001, and takes nothing more", async () => {
  const handler = new Patient();
  const application = await serve(handler);
  const client = await connectClient(`${application.url}/ws`);
  for (const text of ["one", "two", "three"]) client.send(text);
  await until("the messages", () => application.stats().received.messages === 3);
  const closing = application.close();
  await until("the drain", () => application.stats().openSessions === 1);
  // The first batch begins when a turn has passed whole.
  await turns(3);
  client.send("late");
  await until("the late one", () => application.stats().received.messages === 4);
  handler.answer();
  expect((await client.closed()).code).toBe(1001);
  await within("the close", closing);
  expect(client.received).toEqual(["answer to one", "answer to two", "answer to three"]);
  expect(handler.ended).toEqual([1001]);
  expect(application.stats().discardedMessages).toBe(1);
});

it("keeps the port open for 503 with Retry-After until the sessions have ended", async () => {
  const handler = new Patient();
  const application = await serve(handler, {}, { retryAfterSeconds: 7 });
  const client = await connectClient(`${application.url}/ws`);
  client.send("x");
  await until("the callback", () => handler.began === 1);
  const closing = application.close();
  expect(await answerAndEnd(application.port, upgradeRequest("/ws"))).toMatchObject({
    status: 503,
    headers: { "retry-after": "7" },
  });
  expect(application.stats().refusalsByStatus).toEqual({ 503: 1 });
  handler.answer();
  await within("the close", closing);
  await expect(openRaw(application.port)).rejects.toThrow();
});

it("looks at nothing else of a handshake: also one that is refused otherwise gets the 503", async () => {
  const handler = new Patient();
  const application = await serve(handler, { maxConnections: 1 });
  const client = await connectClient(`${application.url}/ws`);
  client.send("x");
  await until("the callback", () => handler.began === 1);
  const closing = application.close();
  const foreign = "Origin: https://elsewhere.example";
  for (const request of [upgradeRequest("/ws", [foreign]), upgradeRequest("/ws", ["-Host"], "POST")]) {
    expect(await answerAndEnd(application.port, request)).toMatchObject({ status: 503 });
  }
  expect(application.stats()).toMatchObject({ refusalsByStatus: { 503: 2 }, limits: {} });
  handler.answer();
  await within("the close", closing);
});

it("ends sessions batch by batch, the first of them at once", async () => {
  const handler = new Patient();
  const application = await serve(handler, {}, { drainBatchSize: 2, drainJitterMs: 60_000 });
  const clients = await Promise.all(Array.from({ length: 5 }, () => connectClient(`${application.url}/ws`)));
  await until("the sessions", () => application.stats().openSessions === 5);
  const closing = application.close();
  await until("the first batch", () => handler.ended.length === 2);
  // Those that still wait for their batch go on as before.
  const others = clients.filter(({ isOpen }) => isOpen);
  others[0]!.send("x");
  handler.answer();
  expect(await others[0]!.next()).toBe("answer to x");
  expect(application.stats().openSessions).toBe(3);
  for (const { native } of others) native.close();
  await within("the close", closing);
});

it("lets a paused session finish, and sees its peer's close", async () => {
  const handler = new Patient();
  const application = await serve(handler, { maxPendingMessages: 2 });
  const client = await connectClient(`${application.url}/ws`);
  for (let count = 0; count < 5; count += 1) client.send(String(count));
  await until("the pause", () => application.stats().pausedSessions === 1);
  const closing = application.close();
  await until("the resume", () => application.stats().pausedSessions === 0);
  handler.answer();
  expect((await client.closed()).code).toBe(1001);
  await within("the close", closing);
  expect(client.received).toHaveLength(application.stats().received.messages);
});

it("says 1001 before the deadline to a session whose callback never settles, and cuts one that does not answer", async () => {
  class Endless extends Patient {
    override afterConnectionEstablished(): Promise<void> {
      return new Promise(() => {});
    }
  }
  const handler = new Endless();
  const application = await serve(handler, { closeTimeoutMs: 60_000 }, { drainTimeoutMs: 400 });
  const client = await connectClient(`${application.url}/ws`);
  const dumb = await upgradeRaw(application.port, "/ws");
  await until("the sessions", () => application.stats().openSessions === 2);
  await within("the close", application.close());
  expect((await client.closed()).code).toBe(1001);
  expect((await dumb.nextFrame()).opcode).toBe(8);
  await leave(dumb);
  expect(application.get(WebSocketSessions).size).toBe(0);
});

it("leaves no timer and no socket behind", async () => {
  const before = openResources();
  const application = await serve(new Patient(), {}, { drainBatchSize: 1, drainJitterMs: 20 });
  const clients = await Promise.all(Array.from({ length: 20 }, () => connectClient(`${application.url}/ws`)));
  await within("the close", application.close());
  for (const client of clients) expect((await client.closed()).code).toBe(1001);
  await untilFreed(before);
});

it("cuts sockets whose handshake is half done", async () => {
  const application = await serve(new Patient());
  const half = await openRaw(application.port);
  half.write("GET /ws HTTP/1.1\r\nHost: x\r\n");
  const silent = await openRaw(application.port);
  const ended = Promise.all([half, silent].map(({ native }) => once(native, "close")));
  await within("the close", application.close());
  await within("the cut", ended);
});
