import { startTestApplication, until, type TestApplication } from "@vernal/testing";
import {
  CloseStatus,
  PingMessage,
  TextWebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void {
    if (message.payload === "bye") session.close(new CloseStatus(4100));
    else void session.sendMessage(message);
  }
}

/** With an echo at two paths. */
function start(): Promise<TestApplication> {
  const echo = new Echo();
  return startTestApplication({ handlers: { "/a": echo, "/rooms/{room}": echo }, maxMessageBytes: 1000 });
}

it("counts nothing at first, and names every path", async () => {
  await using application = await start();
  expect(application.stats()).toEqual({
    openSessions: 0,
    openSessionsByPath: { "/a": 0, "/rooms/{room}": 0 },
    pausedSessions: 0,
    openedSessions: 0,
    received: { messages: 0, bytes: 0 },
    sent: { messages: 0, bytes: 0 },
    discardedMessages: 0,
    droppedMessages: 0,
    refusalsByStatus: {},
    closesByCode: {},
    limits: {},
    highestBufferedBytes: 0,
  });
});

it("counts sessions, messages, bytes, refusals, closes and limits", async () => {
  await using application = await start();
  const first = await application.connect("/a");
  const second = await application.connect("/rooms/1");
  const third = await application.connect("/rooms/2");
  expect(application.stats().openSessions).toBe(3);
  expect(application.stats().openSessionsByPath).toEqual({ "/a": 1, "/rooms/{room}": 2 });

  first.send("four");
  first.send("größe");
  await until("the echoes", () => first.received.length === 2);
  expect(application.stats()).toMatchObject({
    received: { messages: 2, bytes: 11 },
    sent: { messages: 2, bytes: 11 },
  });

  expect((await application.refusal("/a", { origin: "http://evil.example" })).status).toBe(403);
  expect((await application.refusal("/nowhere")).status).toBe(404);
  second.send("bye");
  third.send("x".repeat(1001));
  await Promise.all([first.close(), second.closed(), third.closed()]);
  (await application.connect("/a")).reset();
  await until("the ends", () => application.stats().openSessions === 0);
  expect(application.stats()).toMatchObject({
    openSessionsByPath: { "/a": 0, "/rooms/{room}": 0 },
    openedSessions: 4,
    refusalsByStatus: { 403: 1, 404: 1 },
    closesByCode: { 1005: 1, 1006: 1, 1009: 1, 4100: 1 },
    limits: { maxMessageBytes: 1 },
  });
});

it("counts neither pings nor pongs as messages", async () => {
  class Pinging extends TextWebSocketHandler {
    override afterConnectionEstablished(session: WebSocketSession<object>): void {
      void session.sendMessage(new PingMessage(Buffer.from("there?")));
      session.close();
    }
  }
  await using application = await startTestApplication({ handlers: { "/ws": new Pinging() } });
  const connection = await application.openConnection();
  await connection.upgrade("/ws");
  expect((await connection.nextFrame()).opcode).toBe(9);
  connection.writeFrame({ opcode: 10, payload: "there?" });
  const { opcode, payload } = await connection.nextFrame();
  expect(opcode).toBe(8);
  connection.writeFrame({ opcode, payload });
  await until("the end", () => application.stats().openSessions === 0);
  expect(application.stats()).toMatchObject({
    received: { messages: 0 },
    sent: { messages: 0 },
    discardedMessages: 0,
  });
});

it("stays what it was when the application has closed", async () => {
  const application = await start();
  await application.connect("/a");
  await application.close();
  expect(application.stats()).toMatchObject({
    openSessions: 0,
    openedSessions: 1,
    closesByCode: { 1001: 1 },
  });
});
