import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketSessions, type WebSocketApplication } from "@vernal/websocket";
import { KEPT_PER_ROOM, SqliteMessageHistory } from "../src/sqlite-message-history";
import { ChatClient } from "./chat-client";
import { startSilentChat } from "./silent-chat";

let folder: string;
let chat: WebSocketApplication;

const start = () => startSilentChat({ database: join(folder, "chat.db"), messageRate: false });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "chat-resume-"));
  chat = await start();
});

afterEach(async () => {
  await chat.close();
  rmSync(folder, { recursive: true });
});

const enter = (nickname: string) => ChatClient.join(chat.url, "lobby", nickname);

/** The same tab again, over a new connection. */
async function comeBack(nickname: string, clientId: string, since?: number): Promise<ChatClient> {
  const client = await ChatClient.connect(chat.url, "lobby", clientId);
  client.asksToJoin(nickname, "back", since);
  return client;
}

/** Fills the room behind the back of the handler. */
function fill(count: number, text = (number: number) => `${number}`): void {
  const history = chat.get(SqliteMessageHistory);
  for (let number = 1; number <= count; number += 1) {
    const requestId = `${number}`;
    history.add({ room: "lobby", from: "Ann", text: text(number), clientId: "filler", requestId });
  }
}

const texts = (history: readonly { text: string }[]) => history.map(({ text }) => text);

test("who comes back hears what came after the last message seen, and only that", async () => {
  const jon = await enter("Jon");
  const mara = await comeBack("Mara", "tab");
  await mara.isWelcomed();
  await mara.tells("seen");
  const { id } = await jon.hears("message");
  mara.cut();
  await jon.hears("left");
  await jon.tells("missed");
  await jon.tells("missed too");

  const back = await comeBack("Mara", "tab", id);
  const { welcome, history } = await back.isWelcomed();
  expect(history).toEqual([
    { id: id + 1, from: "Jon", text: "missed", time: history[0]?.time },
    { id: id + 2, from: "Jon", text: "missed too", time: history[1]?.time },
  ]);
  expect(welcome).toMatchObject({ requestId: "back", gap: false, online: ["Jon", "Mara"] });
});

test("the same over a restart of the server", async () => {
  const mara = await enter("Mara");
  const { id } = await mara.tells("before");
  const jon = await enter("Jon");
  await jon.tells("just before");
  await chat.close();
  chat = await start();
  const back = await comeBack("Mara", "tab", id);
  expect(texts((await back.isWelcomed()).history)).toEqual(["just before"]);
});

test("a message repeated after a restart is answered with its id, and not published again", async () => {
  const mara = await comeBack("Mara", "tab");
  await mara.hears("welcome");
  const first = await mara.tells("Once", "1");
  await chat.close();
  chat = await start();

  const jon = await enter("Jon");
  const back = await comeBack("Mara", "tab", 0);
  // It need not be repeated: the history says which message is whose.
  expect((await back.isWelcomed()).history).toEqual([
    { id: first.id, from: "Mara", text: "Once", time: first.time, requestId: "1" },
  ]);
  expect(await back.tells("Once", "1")).toEqual(first);
  await back.tells("Then", "2");
  expect(await jon.hears("message")).toMatchObject({ id: first.id + 1, text: "Then" });
});

test("a request belongs to its tab, whoever has the nickname", async () => {
  const mara = await comeBack("Mara", "tab");
  await mara.hears("welcome");
  const first = await mara.tells("First", "1");
  mara.leave();
  await mara.closed();
  const other = await comeBack("Mara", "another tab", 0);
  expect((await other.isWelcomed()).history).toEqual([
    { id: first.id, from: "Mara", text: "First", time: first.time },
  ]);
  expect((await other.tells("Second", "1")).id).toBe(first.id + 1);
});

test("an answer that was lost is given to the next session of the tab", async () => {
  const jon = await enter("Jon");
  const mara = await comeBack("Mara", "tab");
  await mara.hears("welcome");
  const history = chat.get(SqliteMessageHistory);
  const add = history.add.bind(history);
  jest.spyOn(history, "add").mockImplementationOnce((message) => {
    const accepted = add(message);
    for (const session of chat.get(WebSocketSessions)) session.native.terminate();
    return accepted;
  });
  mara.say({ type: "message", requestId: "1", text: "Once" });
  await Promise.all([mara.closed(), jon.closed()]);
  expect(mara.unheard.map(({ type }) => type)).not.toContain("ack");

  const back = await comeBack("Mara", "tab");
  const { id } = (await back.isWelcomed()).history[0] ?? { id: 0 };
  expect(await back.tells("Once", "1")).toMatchObject({ id });
});

test("much comes in pages, before the welcome", async () => {
  const mara = await enter("Mara");
  const { id } = await mara.tells("seen");
  fill(120);
  const back = await comeBack("Jon", "tab", id);
  const { welcome, pages, history } = await back.isWelcomed();
  expect(pages).toBe(3);
  expect(history.map((message) => message.id)).toEqual(
    Array.from({ length: 120 }, (_, index) => id + 1 + index),
  );
  expect(welcome.history).toHaveLength(20);
});

/** Joins a room whose history is more than the network takes, reads nothing, and is back when the server waits. */
async function stall(jon: ChatClient): Promise<{ back: ChatClient; said: number }> {
  // Control characters: each takes 6 bytes in JSON.
  fill(600, () => "\u0001".repeat(2000));
  const back = await comeBack("Mara", "tab", 0);
  back.fallAsleep();
  const isWaiting = () =>
    Array.from(chat.get(WebSocketSessions)).some(({ bufferedAmount }) => bufferedAmount > 64 * 1024);
  let said = 600;
  while (!isWaiting()) {
    await jon.tells("Is she there?", `${(said += 1)}`);
    expect(said).toBeLessThan(KEPT_PER_ROOM);
  }
  return { back, said };
}

test("pages go at the pace of the client, and what is said meanwhile is on the last one", async () => {
  const jon = await enter("Jon");
  const { back, said } = await stall(jon);
  await jon.tells("meanwhile");
  back.wakeUp();
  const { history } = await back.isWelcomed();
  const first = history[0]?.id ?? 0;
  expect(history.map(({ id }) => id - first)).toEqual(Array.from({ length: said + 1 }, (_, index) => index));
  expect(history.at(-1)?.text).toBe("meanwhile");
  await jon.tells("after");
  expect(await back.hears("message")).toMatchObject({ text: "after" });
});

test("who leaves in the middle of the pages leaves nothing behind", async () => {
  const jon = await enter("Jon");
  const { back } = await stall(jon);
  const reading = jest.spyOn(chat.get(SqliteMessageHistory), "after");
  back.cut();
  expect(await jon.hears("left")).toMatchObject({ nickname: "Mara", online: ["Jon"] });
  expect(reading).not.toHaveBeenCalled();
});

test("a gap that is larger than what is kept is said", async () => {
  const mara = await enter("Mara");
  const { id } = await mara.tells("seen");
  fill(KEPT_PER_ROOM + 1);
  const back = await comeBack("Jon", "tab", id);
  const first = await back.hears("history");
  expect(first.gap).toBe(true);
  expect(first.history[0]).toMatchObject({ id: id + 2, text: "2" });
  expect((await back.isWelcomed()).welcome.gap).toBe(false);
});

test.each([-1, 1.5, "7", null])("since %p is refused", async (since) => {
  const mara = await ChatClient.connect(chat.url, "lobby");
  mara.say({ type: "join", requestId: "1", clientId: "tab", nickname: "Mara", since });
  expect(await mara.hears("error")).toMatchObject({
    requestId: "1",
    code: "invalid",
    message: "since must be the id of a message.",
  });
});
