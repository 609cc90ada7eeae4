import { AbstractWebSocketHandler } from "./abstract-websocket-handler";
import { CloseStatus } from "./close-status";
import { BinaryMessage, PingMessage, PongMessage, TextMessage, type WebSocketMessage } from "./message";
import type { WebSocketSession } from "./websocket-session";

/** Passed on as it is; nothing here looks into it. */
const session = {} as WebSocketSession<object>;

class Idle extends AbstractWebSocketHandler {}

class Recording extends AbstractWebSocketHandler {
  readonly calls: [callback: string, session: object, message: WebSocketMessage][] = [];

  override handleTextMessage(from: WebSocketSession<object>, message: TextMessage): void {
    this.calls.push(["handleTextMessage", from, message]);
  }
  override handleBinaryMessage(from: WebSocketSession<object>, message: BinaryMessage): void {
    this.calls.push(["handleBinaryMessage", from, message]);
  }
  override handlePongMessage(from: WebSocketSession<object>, message: PongMessage): void {
    this.calls.push(["handlePongMessage", from, message]);
  }
}

it.each([
  ["handleTextMessage", new TextMessage("text")],
  ["handleBinaryMessage", new BinaryMessage(Buffer.of(1))],
  ["handlePongMessage", new PongMessage(Buffer.of(2))],
] as const)("hands a message to %s", (callback, message) => {
  const handler = new Recording();
  expect(handler.handleMessage(session, message)).toBeUndefined();
  expect(handler.calls).toEqual([[callback, session, message]]);
  expect(handler.calls[0]![1]).toBe(session);
  expect(handler.calls[0]![2]).toBe(message);
});

it("hands a ping to nobody", () => {
  const handler = new Recording();
  expect(handler.handleMessage(session, new PingMessage())).toBeUndefined();
  expect(handler.calls).toEqual([]);
});

it("does nothing in a callback that is not overridden, and makes no promise", () => {
  const handler = new Idle();
  const results = [
    handler.afterConnectionEstablished(session),
    handler.handleMessage(session, new TextMessage("text")),
    handler.handleMessage(session, new BinaryMessage(Buffer.of(1))),
    handler.handleMessage(session, new PongMessage()),
    handler.handleTransportError(session, new Error("lost")),
    handler.afterConnectionClosed(session, CloseStatus.NORMAL),
  ];
  expect(results).toEqual(results.map(() => undefined));
});

it.each(["handleTextMessage", "handleBinaryMessage", "handlePongMessage"] as const)(
  "gives back the promise of %s, so that the next message waits for it",
  (callback) => {
    const promise = Promise.resolve();
    const messages = {
      handleTextMessage: new TextMessage("text"),
      handleBinaryMessage: new BinaryMessage(Buffer.of(1)),
      handlePongMessage: new PongMessage(),
    };
    const handler = new Idle();
    handler[callback] = () => promise;
    expect(handler.handleMessage(session, messages[callback])).toBe(promise);
  },
);

it("lets an error of a callback through", () => {
  const error = new Error("broken");
  const handler = new Idle();
  handler.handleTextMessage = () => {
    throw error;
  };
  expect(() => handler.handleMessage(session, new TextMessage("text"))).toThrow(error);
});
