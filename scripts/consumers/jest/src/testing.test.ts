import { TextMessage, refuse } from "@vernal/websocket";
import {
  handshakeHandlerContract,
  RecordingSession,
  registerContract,
  startInMemoryApplication,
  startTestApplication,
} from "@vernal/testing";
import { GreetingHandler, Greetings } from "./handlers/greeting-handler";

test("a handler without a socket", async () => {
  const session = new RecordingSession();
  await new GreetingHandler(new Greetings()).handleTextMessage(session, new TextMessage("Ada"));
  expect(session.texts).toEqual(["Hello Ada"]);
});

describe.each([startTestApplication, startInMemoryApplication])("an application of %p", (start) => {
  test("is injected", async () => {
    await using application = await start({ components: [GreetingHandler] });
    const client = await application.connect("/ws/greetings");
    client.send("Ada");
    expect(await client.next()).toBe("Hello Ada");
    await expect(client.next({ timeoutMs: 10 })).rejects.toMatchObject({ code: "VERNAL_TEST_TIMEOUT" });
  });

  test("takes an override", async () => {
    const overrides = [{ token: Greetings, useValue: { of: () => "Moin" } }];
    await using application = await start({ components: [GreetingHandler], overrides });
    const client = await application.connect("/ws/greetings");
    client.send("Ada");
    expect(await client.next()).toBe("Moin");
  });
});

registerContract(
  "a contract",
  handshakeHandlerContract({
    create: () => ({ determineUser: () => refuse(401) }),
    refused: () => [{ request: {}, status: 401 }],
  }),
);
