import type { CloseStatus } from "./close-status";
import type { BinaryMessage, PongMessage, TextMessage, WebSocketMessage } from "./message";
import type { WebSocketHandler } from "./websocket-handler";
import type { WebSocketSession } from "./websocket-session";

/**
 * A handler whose callbacks do nothing until overridden, and whose messages are told apart by kind (Spring
 * `AbstractWebSocketHandler`). Order and failures: see `WebSocketHandler`.
 */
export abstract class AbstractWebSocketHandler implements WebSocketHandler {
  afterConnectionEstablished(_session: WebSocketSession<object>): void | Promise<void> {}

  /** Calls `handleTextMessage`, `handleBinaryMessage` or `handlePongMessage`. */
  handleMessage(session: WebSocketSession<object>, message: WebSocketMessage): void | Promise<void> {
    switch (message.kind) {
      case "text":
        return this.handleTextMessage(session, message);
      case "binary":
        return this.handleBinaryMessage(session, message);
      case "pong":
        return this.handlePongMessage(session, message);
      case "ping":
        return;
    }
  }

  handleTextMessage(_session: WebSocketSession<object>, _message: TextMessage): void | Promise<void> {}

  handleBinaryMessage(_session: WebSocketSession<object>, _message: BinaryMessage): void | Promise<void> {}

  handlePongMessage(_session: WebSocketSession<object>, _message: PongMessage): void | Promise<void> {}

  handleTransportError(_session: WebSocketSession<object>, _error: Error): void | Promise<void> {}

  afterConnectionClosed(_session: WebSocketSession<object>, _status: CloseStatus): void | Promise<void> {}
}
