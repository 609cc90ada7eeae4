import {
  AbstractWebSocketHandler,
  CloseStatus,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { startInMemoryApplication, until } from "@vernal/testing";

/** Says when each callback begins and ends; `slow` and the opening wait until they are let on. */
class Logging extends AbstractWebSocketHandler {
  readonly log: string[] = [];
  readonly #waiting: (() => void)[] = [];

  letOn(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  override async afterConnectionEstablished(): Promise<void> {
    await this.#wait("established");
  }

  override async handleTextMessage(session: WebSocketSession, { payload }: TextMessage): Promise<void> {
    if (payload === "throw") throw new Error("on purpose");
    if (payload === "slow") await this.#wait(payload);
    else this.log.push(payload);
    await session.sendMessage(`did ${payload}`);
  }

  override afterConnectionClosed(session: WebSocketSession, status: CloseStatus): void {
    this.log.push(`closed ${status.toString()} by ${session.closedBy}`);
  }

  async #wait(name: string): Promise<void> {
    this.log.push(`begin ${name}`);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.log.push(`end ${name}`);
  }
}

it("keeps the order: nothing before the opening has settled, one callback at a time, the end last", async () => {
  const handler = new Logging();
  await using application = await startInMemoryApplication({ handlers: { "/ws": handler } });
  const client = await application.connect("/ws");
  for (const text of ["slow", "a", "b"]) client.send(text);
  await client.roundTrip();
  expect(handler.log).toEqual(["begin established"]);
  handler.letOn();
  await until("the slow one", () => handler.log.includes("begin slow"));
  await client.roundTrip();
  expect(handler.log).not.toContain("a");
  const closing = client.close(new CloseStatus(4001));
  handler.letOn();
  await closing;
  await until("the end", () => handler.log.includes("closed 4001 by peer"));
  expect(handler.log.slice(2)).toEqual(["begin slow", "end slow", "a", "b", "closed 4001 by peer"]);
});

it("keeps the limits: of a message, of what waits, of the rate", async () => {
  const handler = new Logging();
  await using application = await startInMemoryApplication({
    handlers: { "/ws": handler },
    maxMessageBytes: 100,
    maxPendingMessages: 2,
    messageRate: { perSecond: 1, burst: 20 },
  });
  const large = await application.connect("/ws");
  handler.letOn();
  large.send("x".repeat(101));
  expect((await large.closed()).code).toBe(1009);
  const busy = await application.connect("/ws");
  for (let index = 0; index < 10; index += 1) busy.send("more");
  await until("the pause", () => application.stats().pausedSessions === 1);
  handler.letOn();
  expect(await busy.next()).toBe("did more");
  for (let index = 0; index < 20; index += 1) busy.send("more");
  expect(String(await busy.closed())).toBe("1008 Too many messages");
  expect(application.stats().limits).toMatchObject({ maxMessageBytes: 1, messageRate: 1 });
});

it("closes as it should: 1011 for a throw, and at the end what has arrived is answered before 1001", async () => {
  const handler = new Logging();
  await using application = await startInMemoryApplication({ handlers: { "/ws": handler } });
  const [failing, last] = [await application.connect("/ws"), await application.connect("/ws")];
  handler.letOn();
  failing.send("throw");
  expect((await failing.closed()).code).toBe(1011);
  last.send("slow");
  last.send("b");
  // Both have arrived then, and the first has begun.
  await last.roundTrip();
  const closing = application.close();
  expect(await application.connect("/ws").catch(({ code }: { readonly code: string }) => code)).toBe(
    "VERNAL_TEST_APPLICATION_CLOSED",
  );
  handler.letOn();
  expect([await last.next(), await last.next()]).toEqual(["did slow", "did b"]);
  expect((await last.closed()).code).toBe(1001);
  await closing;
});

it("answers at its end what was sent in the same turn", async () => {
  const handler = new Logging();
  await using application = await startInMemoryApplication({ handlers: { "/ws": handler } });
  const client = await application.connect("/ws");
  handler.letOn();
  client.send("a");
  await application.close();
  expect(client.received).toEqual(["did a"]);
});
