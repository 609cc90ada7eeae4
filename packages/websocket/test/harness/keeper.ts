import { TextWebSocketHandler, type CloseStatus, type WebSocketSession } from "../../src/index";

/** A handler that keeps its sessions, and how they ended. */
export class Keeper extends TextWebSocketHandler {
  readonly sessions: WebSocketSession<object>[] = [];
  readonly statuses: CloseStatus[] = [];

  override afterConnectionEstablished(session: WebSocketSession<object>): void {
    this.sessions.push(session);
  }

  override handleTextMessage(_session: WebSocketSession<object>): void | Promise<void> {}

  override afterConnectionClosed(_session: WebSocketSession<object>, status: CloseStatus): void {
    this.statuses.push(status);
  }
}
