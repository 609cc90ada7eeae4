import { AbstractWebSocketHandler } from "./abstract-websocket-handler";
import { CloseStatus } from "./close-status";
import type { TextMessage } from "./message";
import type { WebSocketSession } from "./websocket-session";

const TEXT_NOT_SUPPORTED = CloseStatus.NOT_ACCEPTABLE.withReason("Text messages not supported");

/** A handler of bytes: a text message closes the session with 1003 (Spring `BinaryWebSocketHandler`). */
export abstract class BinaryWebSocketHandler extends AbstractWebSocketHandler {
  override handleTextMessage(session: WebSocketSession<object>, _message: TextMessage): void | Promise<void> {
    session.close(TEXT_NOT_SUPPORTED);
  }
}
