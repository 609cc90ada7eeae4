import { describe, expect, it, test, vi } from "vitest";
import { TextMessage, refuse } from "@vernal/websocket";
import {
  handshakeHandlerContract,
  RecordingSession,
  registerContract,
  startInMemoryApplication,
  startTestApplication,
} from "@vernal/testing";
import { GreetingHandler, Greetings } from "./greeting-handler";

test("a handler without a socket", async () => {
  const session = new RecordingSession();
  await new GreetingHandler(new Greetings()).handleTextMessage(session, new TextMessage("Ada"));
  expect(session.texts).toEqual(["Hello Ada"]);
});

for (const start of [startTestApplication, startInMemoryApplication]) {
  test(`an application of ${start.name}, injected`, async () => {
    await using application = await start({ components: [GreetingHandler] });
    const client = await application.connect("/ws/greetings");
    client.send("Ada");
    expect(await client.next()).toBe("Hello Ada");
    await expect(client.next({ timeoutMs: 10 })).rejects.toMatchObject({ code: "VERNAL_TEST_TIMEOUT" });
  });

  test(`an application of ${start.name}, with an override`, async () => {
    const overrides = [{ token: Greetings, useValue: { of: () => "Moin" } }];
    await using application = await start({ components: [GreetingHandler], overrides });
    const client = await application.connect("/ws/greetings");
    client.send("Ada");
    expect(await client.next()).toBe("Moin");
  });

  test(`an application of ${start.name}, under fake timers`, async () => {
    vi.useFakeTimers();
    try {
      const idle = { idleTimeoutMs: 60_000, heartbeatIntervalMs: false } as const;
      await using application = await start({ components: [GreetingHandler], ...idle });
      const client = await application.connect("/ws/greetings");
      client.send("Ada");
      expect(await client.next()).toBe("Hello Ada");
      vi.advanceTimersByTime(61_000);
      expect(String(await client.closed())).toBe("1001 Idle");
      await application.connect("/ws/greetings");
    } finally {
      vi.useRealTimers();
    }
  });
}

registerContract(
  "a contract",
  handshakeHandlerContract({
    create: () => ({ determineUser: () => refuse(401) }),
    refused: () => [{ request: {}, status: 401 }],
  }),
  { describe, it },
);
