import { startInMemoryApplication, type TestApplication, type TestClient } from "@vernal/testing";
import { PollHandler } from "../src/handlers/poll-handler";
import type { ClientMessage, ServerMessage } from "../src/protocol";

let application: TestApplication;

beforeEach(async () => {
  application = await startInMemoryApplication({ components: [PollHandler] });
});

afterEach(() => application.close());

async function enter(): Promise<TestClient> {
  const client = await application.connect("/ws/poll");
  await hears(client, {});
  return client;
}

const says = (client: TestClient, message: ClientMessage) => client.send(JSON.stringify(message));

/** The next poll has this many people, and these votes. */
async function hears(client: TestClient, votes: Record<string, number>, people?: number): Promise<void> {
  const message = await client.nextJson<ServerMessage>();
  if (message.type !== "poll") throw new Error(message.reason);
  const cast = message.options.filter((option) => option.votes > 0);
  expect(Object.fromEntries(cast.map((option) => [option.name, option.votes]))).toEqual(votes);
  if (people !== undefined) expect(message.people).toBe(people);
}

test("everybody sees who comes, votes, changes their mind and takes it back", async () => {
  const ada = await enter();
  const bob = await enter();
  await hears(ada, {}, 2);
  const steps: [ClientMessage, Record<string, number>][] = [
    [{ type: "vote", option: "Soup" }, { Soup: 1 }],
    [{ type: "vote", option: "Pizza" }, { Pizza: 1 }],
    [{ type: "withdraw" }, {}],
  ];
  for (const [message, votes] of steps) {
    says(ada, message);
    await hears(ada, votes, 2);
    await hears(bob, votes, 2);
  }
});

test("who leaves takes the vote along", async () => {
  const ada = await enter();
  const bob = await enter();
  await hears(ada, {}, 2);
  says(bob, { type: "vote", option: "Soup" });
  await hears(ada, { Soup: 1 }, 2);
  await bob.close();
  await hears(ada, {}, 1);
});

test.each([
  ['{"type":"vote","option":"Stones"}', "There is no such option."],
  ['{"type":"vote"}', "That is no message of this protocol."],
  ['{"type":"shout"}', "That is no message of this protocol."],
  ["null", "That is no message of this protocol."],
  ["{", "That is no message of this protocol."],
])("%s is refused, and the session goes on", async (text, reason) => {
  const ada = await enter();
  ada.send(text);
  expect(await ada.nextJson()).toEqual({ type: "refused", reason });
  says(ada, { type: "vote", option: "Soup" });
  await hears(ada, { Soup: 1 });
});

test("a page of another origin is refused", async () => {
  const { status } = await application.refusal("/ws/poll", { origin: "https://elsewhere.example" });
  expect(status).toBe(403);
});
