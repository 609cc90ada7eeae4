import { TextWebSocketHandler, type TextMessage, type WebSocketSession } from "@vernal/websocket";
import { startInMemoryApplication, startTestApplication } from "@vernal/testing";

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message);
  }
}

describe("with fake timers", () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }));
  afterEach(() => jest.useRealTimers());

  it.each([startInMemoryApplication, startTestApplication])(
    "messages come, limits of waits hold, and the clocks of the application are the test's: %p",
    async (start: typeof startInMemoryApplication) => {
      const application = await start({ handlers: { "/ws": new Echo() }, idleTimeoutMs: 3_600_000 });
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
      jest.useRealTimers();
      await application.close();
    },
  );

  it.each([startInMemoryApplication, startTestApplication])(
    "an idle client is seen to end without a wait, as the guide says: %p",
    async (start: typeof startInMemoryApplication) => {
      const options = { idleTimeoutMs: 60_000, heartbeatIntervalMs: false } as const;
      const application = await start({ handlers: { "/ws": new Echo() }, ...options });
      const client = await application.connect("/ws");
      jest.advanceTimersByTime(61_000);
      expect(String(await client.closed())).toBe("1001 Idle");
      jest.useRealTimers();
      await application.close();
    },
  );
});
