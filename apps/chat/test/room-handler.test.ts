import type { WebSocketApplication } from "@vernal/websocket";
import { ChatClient } from "./chat-client";
import { startSilentChat } from "./silent-chat";

let chat: WebSocketApplication;

beforeEach(async () => {
  chat = await startSilentChat();
});

afterEach(() => chat.close());

const join = (nickname: string, room = "lobby") => ChatClient.join(chat.url, room, nickname);

test("two people talk", async () => {
  const mara = await join("Mara");
  const jon = await join("Jon");
  expect(await mara.hears("joined")).toMatchObject({ nickname: "Jon", online: ["Mara", "Jon"] });

  mara.say({ type: "message", requestId: "1", text: "Hello, Jon" });
  const ack = await mara.hears("ack");
  expect(ack).toMatchObject({ requestId: "1" });
  const { id, time } = ack;
  expect(await jon.hears("message")).toEqual({ type: "message", id, from: "Mara", text: "Hello, Jon", time });
  expect(new Date(time).toISOString()).toBe(time);

  jon.say({ type: "typing", requestId: "2" });
  expect(await mara.hears("typing")).toEqual({ type: "typing", nickname: "Jon" });
  expect(mara.unheard).toEqual([]);
});

test("whoever enters hears what was said, and who is there", async () => {
  const mara = await join("Mara");
  for (let number = 1; number <= 51; number += 1) {
    mara.say({ type: "message", requestId: String(number), text: `Message ${number}` });
  }
  for (let number = 1; number <= 51; number += 1) await mara.hears("ack");

  const jon = await ChatClient.connect(chat.url, "lobby");
  jon.asksToJoin("  Jon ", "first");
  const { history, ...welcome } = await jon.hears("welcome");
  expect(welcome).toMatchObject({ requestId: "first", nickname: "Jon", online: ["Mara", "Jon"] });
  expect(history).toHaveLength(50);
  expect(history[0]).toMatchObject({ from: "Mara", text: "Message 2" });
  expect(history[49]).toMatchObject({ from: "Mara", text: "Message 51" });
});

test("rooms do not hear each other", async () => {
  const mara = await join("Mara", "lobby");
  const jon = await join("Jon", "등산");
  const ann = await join("Ann", "등산");
  mara.say({ type: "message", requestId: "1", text: "in the lobby" });
  await mara.hears("ack");
  jon.say({ type: "message", requestId: "1", text: "on the mountain" });
  expect(await ann.hears("message")).toMatchObject({ text: "on the mountain" });
  expect(mara.unheard).toEqual([]);
  expect((await join("Bea", "lobby")).unheard).toEqual([]);
});

test.each([
  ["no JSON", "{", undefined, "This is not JSON."],
  ["no object", "null", undefined, "A message is an object whose type is join, message or typing."],
  [
    "an unknown type",
    { type: "shout", requestId: "7" },
    "7",
    "A message is an object whose type is join, message or typing.",
  ],
  [
    "a text that is too long",
    { type: "message", requestId: "7", text: "x".repeat(2001) },
    "7",
    "A message has at most 2000 characters.",
  ],
  ["a text that is none", { type: "message", requestId: "7", text: 5 }, "7", "text must be a string."],
  [
    "a text that shows nothing",
    { type: "message", requestId: "7", text: " \n" },
    "7",
    "The message is empty.",
  ],
  ["a binary message", Buffer.from("{}"), undefined, "A message is text."],
  ["no name for the request", { type: "typing" }, undefined, "requestId must be a string."],
])("%s is answered with an error, and the session goes on", async (_, wrong, requestId, message) => {
  const mara = await join("Mara");
  mara.say(wrong);
  expect(await mara.hears("error")).toEqual({ type: "error", requestId, code: "invalid", message });
  mara.say({ type: "message", requestId: "8", text: "Still here" });
  expect(await mara.hears("ack")).toMatchObject({ requestId: "8" });
});

test("a message that comes again is not published again", async () => {
  const mara = await join("Mara");
  const jon = await join("Jon");
  mara.say({ type: "message", requestId: "1", text: "Once" });
  const first = await mara.hears("ack");
  mara.say({ type: "message", requestId: "1", text: "Once" });
  expect(await mara.hears("ack")).toEqual(first);
  mara.say({ type: "message", requestId: "2", text: "Then" });
  expect(await jon.hears("message")).toMatchObject({ text: "Once" });
  expect(await jon.hears("message")).toMatchObject({ text: "Then" });
});

test("nobody speaks before joining, or joins twice", async () => {
  const mara = await ChatClient.connect(chat.url, "lobby");
  mara.say({ type: "message", requestId: "1", text: "Hello?" });
  expect(await mara.hears("error")).toMatchObject({ requestId: "1", code: "not-joined" });
  mara.asksToJoin("Mara", "2");
  await mara.hears("welcome");
  mara.asksToJoin("Ann", "3");
  expect(await mara.hears("error")).toMatchObject({ requestId: "3", code: "already-joined" });
});

test("a nickname belongs to one session, also in another spelling, until that leaves", async () => {
  const mara = await join("Mara");
  const second = await ChatClient.connect(chat.url, "lobby");
  second.asksToJoin("ＭＡＲＡ", "1");
  expect(await second.hears("error")).toMatchObject({ requestId: "1", code: "nickname-taken" });
  await join("Mara", "another-room");

  const jon = await join("Jon");
  mara.leave();
  await jon.hears("left");
  second.asksToJoin("Mara", "2");
  expect(await second.hears("welcome")).toMatchObject({ requestId: "2", nickname: "Mara" });
});

test("the others hear who left: by closing, by losing the connection", async () => {
  const mara = await join("Mara");
  const jon = await join("Jon");
  const ann = await join("Ann");
  jon.leave();
  expect(await mara.hears("left")).toMatchObject({ nickname: "Jon", online: ["Mara", "Ann"] });
  ann.cut();
  expect(await mara.hears("left")).toMatchObject({ nickname: "Ann", online: ["Mara"] });
});

test("the others hear who no longer answers", async () => {
  const impatient = await startSilentChat({ heartbeatIntervalMs: 200 });
  const mara = await ChatClient.join(impatient.url, "lobby", "Mara");
  const jon = await ChatClient.join(impatient.url, "lobby", "Jon");
  jon.fallAsleep();
  expect(await mara.hears("left")).toMatchObject({ nickname: "Jon", online: ["Mara"] });
  await impatient.close();
});

test("who floods the room is closed with 1008", async () => {
  const mara = await join("Mara");
  for (let number = 1; number <= 201; number += 1) mara.say({ type: "typing", requestId: String(number) });
  expect(await mara.closed()).toEqual({ code: 1008, reason: "Too many messages" });
});

test.each(["a b", "x".repeat(41), "../lobby", "<b>"])("room %p is closed with 1008", async (room) => {
  const visitor = await ChatClient.connect(chat.url, room);
  expect(await visitor.closed()).toEqual({
    code: 1008,
    reason: "A room's name has 1 to 40 letters, digits, - or _.",
  });
});

test("the page comes with a policy that lets in no foreign script", async () => {
  const page = await fetch(`http://localhost:${chat.port}/?room=lobby`);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
  expect(await page.text()).toContain("chat.js");
  expect((await fetch(`http://localhost:${chat.port}/nothing`)).status).toBe(404);
  expect((await fetch(`http://localhost:${chat.port}/`, { method: "POST" })).status).toBe(405);
});
