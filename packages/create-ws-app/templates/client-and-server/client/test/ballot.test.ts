import { Ballot } from "../src/ballot";
import type { ClientMessage, ServerMessage } from "../src/protocol";

let isConnected: boolean;
let sent: ClientMessage[];

beforeEach(() => {
  isConnected = true;
  sent = [];
});

function send(message: ClientMessage): boolean {
  if (isConnected) sent.push(message);
  return isConnected;
}

const pollOf = (...names: string[]): ServerMessage => ({
  type: "poll",
  question: "Where to?",
  options: names.map((name) => ({ name, votes: 0 })),
  people: 1,
});

test("a vote is cast once, and taken back", () => {
  const ballot = new Ballot(send);
  ballot.read(pollOf("Soup"));
  ballot.choose("Soup");
  ballot.read(pollOf("Soup"));
  ballot.withdraw();
  expect(ballot.choice).toBeUndefined();
  expect(sent).toEqual([{ type: "vote", option: "Soup" }, { type: "withdraw" }]);
});

test("a vote is cast again on a new connection", () => {
  const ballot = new Ballot(send);
  ballot.choose("Soup");
  ballot.renew();
  ballot.read(pollOf("Soup"));
  expect(sent).toEqual([
    { type: "vote", option: "Soup" },
    { type: "vote", option: "Soup" },
  ]);
});

test("a vote without a connection is cast when there is one", () => {
  isConnected = false;
  const ballot = new Ballot(send);
  ballot.choose("Soup");
  expect(sent).toEqual([]);
  isConnected = true;
  ballot.renew();
  ballot.read(pollOf("Soup"));
  expect(sent).toEqual([{ type: "vote", option: "Soup" }]);
});

test("a vote for what the poll no longer has is forgotten", () => {
  const ballot = new Ballot(send, "Soup");
  ballot.read(pollOf("Pizza"));
  expect(ballot.choice).toBeUndefined();
  expect(sent).toEqual([]);
});

test("what the server does not know cannot be sent", () => {
  const unknown = { type: "shout" } as const;
  // @ts-expect-error The compiler refuses it; see server/src/protocol.ts.
  send(unknown);
  expect(sent).toEqual([unknown]);
});
