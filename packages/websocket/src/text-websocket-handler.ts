import { AbstractWebSocketHandler } from "./abstract-websocket-handler";
import { CloseStatus } from "./close-status";
import type { BinaryMessage } from "./message";
import type { WebSocketSession } from "./websocket-session";

const BINARY_NOT_SUPPORTED = CloseStatus.NOT_ACCEPTABLE.withReason("Binary messages not supported");

/** A handler of text: a binary message closes the session with 1003 (Spring `TextWebSocketHandler`). */
export abstract class TextWebSocketHandler extends AbstractWebSocketHandler {
  override handleBinaryMessage(
    session: WebSocketSession<object>,
    _message: BinaryMessage,
  ): void | Promise<void> {
    session.close(BINARY_NOT_SUPPORTED);
  }
}
