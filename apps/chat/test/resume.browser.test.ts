import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchBrowser } from "@vernal/visitor";
import { WebSocketSessions, type WebSocketApplication } from "@vernal/websocket";
import type { Browser } from "playwright-core";
import { Participants } from "../src/participants";
import { KEPT_PER_ROOM, SHOWN_ON_ENTERING, SqliteMessageHistory } from "../src/sqlite-message-history";
import { ChatClient } from "./chat-client";
import { ChatVisitor } from "./chat-visitor";
import { startSilentChat } from "./silent-chat";

jest.setTimeout(60_000);

const INTERRUPTIONS = 20;
const SEED = 20_260_501;

let browser: Browser;
let folder: string;
let chat: WebSocketApplication;
let visitors: ChatVisitor[];
/** Everything that became a message, in order, over all servers of the test. */
let accepted: string[];
/** Runs when a message has been accepted, before its answer leaves. */
let onAccepted: (from: string) => void;
/** Runs for everybody who is let in. */
let onEntered: (nickname: string) => void;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chat-resume-"));
  visitors = [];
  accepted = [];
  onAccepted = () => {};
  onEntered = () => {};
  await start();
});

afterEach(async () => {
  for (const visitor of visitors) visitor.forgetLostConnections();
  const complaints = visitors.flatMap((visitor) => visitor.complaints);
  await Promise.all(visitors.map(({ page }) => page.context().close()));
  await chat.close();
  rmSync(folder, { recursive: true });
  expect(complaints).toEqual([]);
});

async function start(port = 0): Promise<void> {
  chat = await startSilentChat({ port, database: join(folder, "chat.db"), messageRate: false });
  const history = chat.get(SqliteMessageHistory);
  const add = history.add.bind(history);
  jest.spyOn(history, "add").mockImplementation((message) => {
    const result = add(message);
    if (result.isNew) accepted.push(message.text);
    onAccepted(message.from);
    return result;
  });
  const participants = chat.get(Participants);
  const enterAs = participants.enter.bind(participants);
  jest.spyOn(participants, "enter").mockImplementation((sessionId, participant) => {
    const entered = enterAs(sessionId, participant);
    if (entered) onEntered(participant.nickname);
    return entered;
  });
}

async function restart(): Promise<void> {
  const { port } = chat;
  await chat.close();
  await start(port);
}

async function enter(nickname: string): Promise<ChatVisitor> {
  const visitor = await ChatVisitor.enter(browser, `http://localhost:${chat.port}/?room=lobby`, nickname);
  visitors.push(visitor);
  return visitor;
}

/** Ends the connection of a visitor, as a network does: without a close frame. */
function cut(nickname: string): void {
  const participants = chat.get(Participants);
  for (const session of chat.get(WebSocketSessions)) {
    if (participants.of(session.id)?.nickname === nickname) session.native.terminate();
  }
}

/** Accepts one more message of a visitor, and keeps the answer from it. */
function loseNextAnswer(nickname: string): void {
  onAccepted = (from) => {
    if (from !== nickname) return;
    onAccepted = () => {};
    cut(nickname);
  };
}

function acceptance(): Promise<void> {
  return new Promise((resolve) => (onAccepted = () => resolve()));
}

/** When all of them have been let in once more. */
function returnOf(...nicknames: string[]): Promise<void> {
  const away = new Set(nicknames);
  return new Promise((resolve) => {
    onEntered = (nickname) => {
      away.delete(nickname);
      if (away.size === 0) resolve();
    };
  });
}

/** Puts off the attempts to connect by a minute, until the page is loaded again. */
async function willNotComeBack({ page }: ChatVisitor): Promise<void> {
  await page.evaluate(() => (Math.random = () => 30));
}

/** Somebody with a better connection comes by. */
async function annTells(count: number): Promise<string[]> {
  const ann = await ChatClient.join(chat.url, "lobby", "Ann");
  const before = accepted.length;
  const texts = Array.from({ length: count }, (_, index) => `Ann ${before + index}`);
  for (const text of texts) await ann.tells(text);
  ann.leave();
  await ann.closed();
  return texts;
}

test("twenty interruptions: nothing accepted is lost, and nothing is shown twice", async () => {
  const mara = await enter("Mara");
  const jon = await enter("Jon");
  const random = randomNumbers(SEED);
  const typed: string[] = [];
  let talking = true;
  const talk = async (visitor: ChatVisitor, nickname: string) => {
    for (let number = 1; talking; number += 1) {
      const text = `${nickname} ${number}`;
      typed.push(text);
      await visitor.says(text);
    }
  };
  const talks = Promise.all([talk(mara, "Mara"), talk(jon, "Jon")]);

  const kinds: ((visitor: ChatVisitor, nickname: string) => Promise<void>)[] = [
    async function theServerRestarts() {
      const back = returnOf("Mara", "Jon");
      await restart();
      await back;
    },
    async function theConnectionIsCut(_, nickname) {
      const back = returnOf(nickname);
      cut(nickname);
      await back;
    },
    async function theNetworkGoes(visitor, nickname) {
      const back = returnOf(nickname);
      await visitor.page.context().setOffline(true);
      await visitor.seesState("Offline");
      // More than somebody who enters is shown.
      typed.push(...(await annTells(SHOWN_ON_ENTERING + 10)));
      await visitor.page.context().setOffline(false);
      await back;
    },
    async function anAnswerIsLost(_, nickname) {
      const back = returnOf(nickname);
      loseNextAnswer(nickname);
      await back;
    },
  ];
  for (let count = 0; count < INTERRUPTIONS; count += 1) {
    // Each kind comes five times, to one of the two, and at a random point of the talk.
    const interrupt = kinds[count % kinds.length] ?? restart;
    const [visitor, nickname] = random() < 0.5 ? ([mara, "Mara"] as const) : ([jon, "Jon"] as const);
    for (let messages = Math.floor(random() * 5); messages > 0; messages -= 1) await acceptance();
    await interrupt(visitor, nickname);
  }
  talking = false;
  await talks;
  await Promise.all([mara.hasNothingPending(), jon.hasNothingPending()]);
  const last = accepted.at(-1) ?? "";
  await Promise.all([mara.sees(last), jon.sees(last)]);

  expect([...accepted].sort()).toEqual([...typed].sort());
  expect(await mara.messages()).toEqual(accepted);
  expect(await jon.messages()).toEqual(accepted);
});

test("what was not confirmed outlives a reload: said once, whether it had arrived or not", async () => {
  const mara = await enter("Mara");
  const jon = await enter("Jon");
  await willNotComeBack(mara);
  loseNextAnswer("Mara");
  await mara.says("Arrived");
  await mara.seesState("Reconnecting");
  await mara.says("Not arrived");
  expect(await mara.pending()).toEqual(["Arrived", "Not arrived"]);
  await mara.page.reload();
  await mara.seesState("Connected");
  await mara.hasNothingPending();
  await jon.sees("Not arrived");
  for (const visitor of [mara, jon]) expect(await visitor.messages()).toEqual(["Arrived", "Not arrived"]);
  expect(await mara.page.locator(".message.own .text").allTextContents()).toEqual(["Arrived", "Not arrived"]);
});

test("what arrived long before a reload is not shown as new", async () => {
  const mara = await enter("Mara");
  await willNotComeBack(mara);
  loseNextAnswer("Mara");
  await mara.says("Arrived");
  await mara.seesState("Reconnecting");
  const jon = await ChatClient.join(chat.url, "lobby", "Jon");
  for (let number = 1; number <= 50; number += 1) await jon.tells(`${number}`);
  await mara.page.reload();
  await mara.seesState("Connected");
  await mara.hasNothingPending();
  await jon.tells("The last word");
  await mara.sees("The last word");
  expect(await mara.messages()).toHaveLength(51);
  expect(await mara.messages()).not.toContain("Arrived");
  expect(accepted.filter((text) => text === "Arrived")).toHaveLength(1);
});

test("whoever was away for too long is told so", async () => {
  const mara = await enter("Mara");
  await mara.says("Seen");
  await mara.sees("Seen");
  const jon = await ChatClient.join(chat.url, "lobby", "Jon");
  await mara.page.context().setOffline(true);
  await jon.hears("left");
  for (let number = 1; number <= KEPT_PER_ROOM + 1; number += 1) await jon.tells(`${number}`);
  await mara.page.context().setOffline(false);
  await mara.sees(`${KEPT_PER_ROOM + 1}`);
  await mara.page
    .getByRole("log")
    .getByText("Some messages from while you were away are no longer kept")
    .waitFor();
  const messages = await mara.messages();
  expect(messages).toHaveLength(KEPT_PER_ROOM + 1);
  expect(messages.slice(0, 2)).toEqual(["Seen", "2"]);
});

test("who leaves takes along what was not said", async () => {
  const mara = await enter("Mara");
  await willNotComeBack(mara);
  cut("Mara");
  await mara.seesState("Reconnecting");
  await mara.says("Never mind");
  await mara.page.getByRole("button", { name: "Leave" }).click();
  await mara.joinAs("Somebody else");
  await mara.seesState("Connected");
  expect(await mara.pending()).toEqual([]);
  expect(accepted).toEqual([]);
});

/** The same numbers from the same seed, between 0 and 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
