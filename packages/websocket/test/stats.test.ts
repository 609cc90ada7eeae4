import {
  CloseStatus,
  PingMessage,
  TextWebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications } from "./harness/application";
import { Client } from "./harness/client";
import { RawConnection, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { serve } from "./harness/serve";
import { until } from "./harness/until";

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void {
    if (message.payload === "bye") session.close(new CloseStatus(4100));
    else void session.sendMessage(message);
  }
}

afterEach(closeApplications);

it("counts nothing at first, and names every path", async () => {
  const application = await serve(new Echo(), { paths: ["/a", "/rooms/{room}"] });
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
  const application = await serve(new Echo(), { paths: ["/a", "/rooms/{room}"], maxMessageBytes: 1000 });
  const first = await Client.connect(`${application.url}/a`);
  const second = await Client.connect(`${application.url}/rooms/1`);
  const third = await Client.connect(`${application.url}/rooms/2`);
  await until("the sessions", () => application.stats().openSessions === 3);
  expect(application.stats().openSessionsByPath).toEqual({ "/a": 1, "/rooms/{room}": 2 });

  first.send("four");
  first.send("größe");
  await until("the echoes", () => first.received.length === 2);
  expect(application.stats()).toMatchObject({
    received: { messages: 2, bytes: 11 },
    sent: { messages: 2, bytes: 11 },
  });

  const evil = await answerAndEnd(application.port, upgradeRequest("/a", ["Origin: http://evil.example"]));
  expect(evil.status).toBe(403);
  expect((await answerAndEnd(application.port, upgradeRequest("/nowhere"))).status).toBe(404);
  second.send("bye");
  third.send("x".repeat(1001));
  await Promise.all([first.close(), second.closed, third.closed]);
  const cut = await RawConnection.upgrade(application.port, "/a");
  await until("the session", () => application.stats().openSessions === 1);
  cut.socket.resetAndDestroy();
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
  const application = await serve(new Pinging());
  const connection = await RawConnection.upgrade(application.port, "/ws");
  expect((await connection.frame()).opcode).toBe(9);
  connection.writeFrame(10, "there?");
  await connection.answerClose();
  await until("the end", () => application.stats().openSessions === 0);
  expect(application.stats()).toMatchObject({
    received: { messages: 0 },
    sent: { messages: 0 },
    discardedMessages: 0,
  });
});

it("stays what it was when the application has closed", async () => {
  const application = await serve(new Echo());
  const client = await Client.connect(`${application.url}/ws`);
  await application.close();
  await client.closed;
  expect(application.stats()).toMatchObject({
    openSessions: 0,
    openedSessions: 1,
    closesByCode: { 1001: 1 },
  });
});
