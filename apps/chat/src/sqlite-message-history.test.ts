import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HistoryPage, MessageHistory } from "./message-history";
import { KEPT_PER_ROOM, KEPT_ROOMS, SHOWN_ON_ENTERING, SqliteMessageHistory } from "./sqlite-message-history";

let folder: string;
let history: SqliteMessageHistory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chat-history-"));
  history = open();
});

afterEach(() => {
  history.dispose();
  rmSync(folder, { recursive: true });
});

function open(file = "chat.db"): SqliteMessageHistory {
  const opened = new SqliteMessageHistory();
  opened.open(join(folder, file));
  return opened;
}

function add(text: string, { room = "lobby", clientId = "tab", requestId = text } = {}) {
  return history.add({ room, from: "Mara", text, clientId, requestId });
}

/** Says `count` messages, numbered from 1, and gives back their ids. */
function addMany(count: number, room?: string): number[] {
  return Array.from({ length: count }, (_, index) => add(`${index + 1}`, { room }).message.id);
}

const texts = ({ messages }: HistoryPage) => messages.map(({ text }) => text);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);

/** All pages, from the first to the one after which there is no more. */
function readAll(source: MessageHistory, room: string, after: number): HistoryPage[] {
  const pages = [source.after(room, after)];
  for (let last = pages[0]; last?.more; last = pages.at(-1)) {
    pages.push(source.after(room, last.messages.at(-1)?.id ?? 0));
  }
  return pages;
}

test("a message is kept as it was said", () => {
  const { message, isNew } = add("Hello");
  expect(isNew).toBe(true);
  expect(message).toEqual({
    id: message.id,
    room: "lobby",
    from: "Mara",
    text: "Hello",
    clientId: "tab",
    requestId: "Hello",
    time: new Date(message.time).toISOString(),
  });
  expect(history.latest("lobby")).toEqual({ messages: [message], more: false, gap: false });
});

test("ids count up by one in each room", () => {
  const ids = addMany(3);
  const elsewhere = add("x", { room: "elsewhere" }).message.id;
  const next = add("4").message.id;
  expect([...ids, next].map((id) => id - (ids[0] ?? 0))).toEqual([0, 1, 2, 3]);
  expect(add("y", { room: "elsewhere" }).message.id).toBe(elsewhere + 1);
});

test("a request that comes again gives the message that it has become", () => {
  const first = add("Once", { requestId: "1" });
  expect(add("Otherwise", { requestId: "1" })).toEqual({ message: first.message, isNew: false });
  expect(texts(history.latest("lobby"))).toEqual(["Once"]);
  expect(add("Another tab", { clientId: "other", requestId: "1" }).isNew).toBe(true);
  expect(add("Another room", { room: "elsewhere", requestId: "1" }).isNew).toBe(true);
});

test("whoever enters starts with the latest messages", () => {
  expect(history.latest("lobby")).toEqual({ messages: [], more: false, gap: false });
  addMany(SHOWN_ON_ENTERING + 10);
  expect(history.latest("lobby")).toMatchObject({ more: false, gap: false });
  expect(texts(history.latest("lobby"))).toEqual(numbers(11, SHOWN_ON_ENTERING + 10));
});

test("whoever comes back gets all that came after, in pages", () => {
  const ids = addMany(120);
  const pages = readAll(history, "lobby", ids[4] ?? 0);
  expect(pages.map(({ messages, more, gap }) => [messages.length, more, gap])).toEqual([
    [50, true, false],
    [50, true, false],
    [15, false, false],
  ]);
  expect(pages.flatMap(texts)).toEqual(numbers(6, 120));
  expect(history.after("lobby", ids[119] ?? 0)).toEqual({ messages: [], more: false, gap: false });
});

test("whoever saw an empty room gets everything", () => {
  expect(history.after("lobby", 0)).toEqual({ messages: [], more: false, gap: false });
  addMany(60);
  expect(readAll(history, "lobby", 0).flatMap(texts)).toEqual(numbers(1, 60));
  expect(history.after("lobby", 0).gap).toBe(false);
});

test("a page of long messages stays below 64 KiB in JSON", () => {
  const longest = "\u0001".repeat(2000);
  for (let number = 1; number <= 10; number += 1) add(longest, { requestId: `${number}` });
  const pages = readAll(history, "lobby", 0);
  expect(pages.map(({ messages }) => messages.length)).toEqual([2, 2, 2, 2, 2]);
  for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(64 * 1024);
});

test("a message that alone is more than a page is a page", () => {
  add("x".repeat(20_000), { requestId: "1" });
  add("short");
  expect(readAll(history, "lobby", 0).map(({ messages }) => messages.length)).toEqual([1, 1]);
});

test("a room keeps its latest messages, and says who has missed some", () => {
  const ids = addMany(KEPT_PER_ROOM + 3);
  const fromStart = readAll(history, "lobby", 0);
  expect(fromStart.flatMap(texts)).toEqual(numbers(4, KEPT_PER_ROOM + 3));
  expect(fromStart[0]?.gap).toBe(true);
  // The third was the last to be forgotten: who has seen it has missed nothing.
  expect(history.after("lobby", ids[2] ?? 0).gap).toBe(false);
  expect(history.after("lobby", ids[1] ?? 0).gap).toBe(true);
});

test("the room that has been silent for longest is forgotten first", () => {
  const inRoom = (number: number) => ({ room: `room-${number}` });
  for (let number = 1; number <= KEPT_ROOMS; number += 1) add("first", inRoom(number));
  add("second", inRoom(1));
  const { id } = history.latest("room-2").messages[0] ?? { id: 0 };
  add("first", { room: "one-more" });
  expect(texts(history.latest("room-1"))).toEqual(["first", "second"]);
  expect(texts(history.latest("room-2"))).toEqual([]);
  expect(texts(history.latest("room-3"))).toEqual(["first"]);
  expect(history.after("room-2", id)).toEqual({ messages: [], more: false, gap: true });
});

test("the same file goes on where it was left", () => {
  const first = add("Before").message;
  history.dispose();
  history = open();
  expect(add("Before")).toEqual({ message: first, isNew: false });
  expect(add("After").message.id).toBe(first.id + 1);
  expect(texts(history.after("lobby", first.id))).toEqual(["After"]);
});

test("what was accepted is there for who opens the file after a crash", () => {
  add("Accepted");
  const afterCrash = open();
  expect(texts(afterCrash.latest("lobby"))).toEqual(["Accepted"]);
  afterCrash.dispose();
});

test("another file uses no id again, and says that something may be missing", () => {
  const ids = addMany(3);
  history.dispose();
  history = open("another.db");
  expect(history.after("lobby", ids[2] ?? 0)).toEqual({ messages: [], more: false, gap: true });
  const { message } = add("New");
  expect(message.id).toBeGreaterThan(ids[2] ?? 0);
  expect(history.after("lobby", ids[2] ?? 0)).toEqual({ messages: [message], more: false, gap: true });
});

test("nothing is kept of a message that could not be stored whole", () => {
  const broken = {
    room: "lobby",
    from: "Mara",
    clientId: "tab",
    requestId: "1",
    text: null as unknown as string,
  };
  expect(() => history.add(broken)).toThrow(/NOT NULL/);
  expect(history.after("lobby", 0)).toEqual({ messages: [], more: false, gap: false });
  expect(add("Whole").isNew).toBe(true);
});

test("a folder that is missing is made; a file that cannot be opened is said", () => {
  const inFolder = open("new/folder/chat.db");
  expect(texts(inFolder.latest("lobby"))).toEqual([]);
  inFolder.dispose();
  expect(() => open("new/folder")).toThrow(/new\/folder cannot be opened: .*unable to open/);
});
