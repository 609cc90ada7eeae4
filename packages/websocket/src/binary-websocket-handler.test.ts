import { CloseStatus } from "./close-status";
import { BinaryMessage, PongMessage, TextMessage } from "./message";
import { BinaryWebSocketHandler } from "./binary-websocket-handler";
import type { WebSocketSession } from "./websocket-session";

/** The one thing of a session that is used here. */
class Closable {
  readonly statuses: (CloseStatus | undefined)[] = [];
  readonly session = {
    close: (status?: CloseStatus) => void this.statuses.push(status),
  } as unknown as WebSocketSession<object>;
}

class Idle extends BinaryWebSocketHandler {}

it("closes a session that sends text with 1003, in Spring's words", () => {
  const { session, statuses } = new Closable();
  expect(new Idle().handleMessage(session, new TextMessage("text"))).toBeUndefined();
  expect(statuses.map(String)).toEqual(["1003 Text messages not supported"]);
  expect(statuses[0]!.equalsCode(CloseStatus.NOT_ACCEPTABLE)).toBe(true);
});

it("takes binary and pongs", () => {
  const { session, statuses } = new Closable();
  const handler = new Idle();
  expect(handler.handleMessage(session, new BinaryMessage(Buffer.of(1)))).toBeUndefined();
  expect(handler.handleMessage(session, new PongMessage())).toBeUndefined();
  expect(statuses).toEqual([]);
});

it("takes text after all where a handler overrides that", () => {
  const { session, statuses } = new Closable();
  const taken: (TextMessage | BinaryMessage)[] = [];
  const handler = new (class extends BinaryWebSocketHandler {
    override handleTextMessage(_: WebSocketSession<object>, message: TextMessage): void {
      taken.push(message);
    }
  })();
  const message = new TextMessage("text");
  void handler.handleMessage(session, message);
  expect(taken).toEqual([message]);
  expect(statuses).toEqual([]);
});
