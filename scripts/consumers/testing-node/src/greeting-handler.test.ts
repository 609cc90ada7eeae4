import assert from "node:assert/strict";
import { describe, it, mock, test } from "node:test";
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
  assert.deepEqual(session.texts, ["Hello Ada"]);
});

for (const start of [startTestApplication, startInMemoryApplication]) {
  test(`an application of ${start.name}, injected`, async () => {
    await using application = await start({ components: [GreetingHandler] });
    const client = await application.connect("/ws/greetings");
    client.send("Ada");
    assert.equal(await client.next(), "Hello Ada");
    await assert.rejects(client.next({ timeoutMs: 10 }), { code: "VERNAL_TEST_TIMEOUT" });
  });

  test(`an application of ${start.name}, with an override`, async () => {
    const overrides = [{ token: Greetings, useValue: { of: () => "Moin" } }];
    await using application = await start({ components: [GreetingHandler], overrides });
    const client = await application.connect("/ws/greetings");
    client.send("Ada");
    assert.equal(await client.next(), "Moin");
  });

  test(`an application of ${start.name}, under fake timers`, async () => {
    mock.timers.enable();
    try {
      await using application = await start({ components: [GreetingHandler] });
      const client = await application.connect("/ws/greetings");
      client.send("Ada");
      assert.equal(await client.next(), "Hello Ada");
    } finally {
      mock.timers.reset();
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
