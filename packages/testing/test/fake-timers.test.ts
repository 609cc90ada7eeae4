import { TextWebSocketHandler, type TextMessage, type WebSocketSession } from "@vernal/websocket";
import { startInMemoryApplication, startTestApplication } from "@vernal/testing";

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void | Promise<void> {
    void session.sendMessage(message);
  }
}

class Stuck extends TextWebSocketHandler {
  letOn!: () => void;

  override handleTextMessage(): Promise<void> {
    return new Promise((resolve) => (this.letOn = resolve));
  }
}

describe.each([
  ["of jest, everything", () => void jest.useFakeTimers()],
  [
    "of jest, the clocks",
    () => void jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }),
  ],
])("with fake timers %s", (_fakes, fake) => {
  beforeEach(fake);
  afterEach(() => jest.useRealTimers());

  describe.each([
    ["without a port", startInMemoryApplication],
    ["with a socket", startTestApplication],
  ])("%s", (_name, start: typeof startInMemoryApplication) => {
    it("messages come, limits of waits hold, and the clocks of the application are the test's", async () => {
      await using application = await start({ handlers: { "/ws": new Echo() }, idleTimeoutMs: 3_600_000 });
      const client = await application.connect("/ws");
      client.send("x");
      expect(await client.next()).toBe("x");
      await expect(client.next({ timeoutMs: 20 })).rejects.toMatchObject({ code: "VERNAL_TEST_TIMEOUT" });
      // An hour in steps in which the heartbeat is answered.
      for (let second = 0; second < 3600; second += 10) {
        jest.advanceTimersByTime(10_000);
        await client.roundTrip();
        if (!client.isOpen) break;
      }
      jest.advanceTimersByTime(10_000);
      expect(String(await client.closed())).toBe("1001 Idle");
    });

    it("an idle client is seen to end without a wait, as the guide says", async () => {
      const options = { idleTimeoutMs: 60_000, heartbeatIntervalMs: false } as const;
      await using application = await start({ handlers: { "/ws": new Echo() }, ...options });
      const client = await application.connect("/ws");
      jest.advanceTimersByTime(61_000);
      expect(String(await client.closed())).toBe("1001 Idle");
    });

    it("closes with sessions open, more than leave in one batch", async () => {
      const application = await start({ handlers: { "/ws": new Echo() }, drainBatchSize: 2 });
      const clients = await Promise.all([1, 2, 3, 4, 5].map(() => application.connect("/ws")));
      clients[0]!.send("last words");
      await application.close();
      for (const client of clients) expect((await client.closed()).code).toBe(1001);
    });
  });
});

it("a close that needs time says so where fake timers let none pass, and cuts its clients", async () => {
  jest.useFakeTimers();
  const handler = new Stuck();
  const application = await startInMemoryApplication({ handlers: { "/ws": handler }, drainTimeoutMs: 20 });
  const client = await application.connect("/ws");
  client.send("x");
  await client.roundTrip();
  await expect(application.close()).rejects.toMatchObject({
    code: "VERNAL_TEST_CLOCKS_STAND_STILL",
    message: expect.stringContaining("Its open sessions: 1. Fake timers keep") as string,
  });
  expect((await client.closed()).code).toBe(1006);
  handler.letOn();
  await application.application.close();
  jest.useRealTimers();
});
