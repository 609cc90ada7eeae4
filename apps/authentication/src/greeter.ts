import { TextWebSocketHandler, type TextMessage, type WebSocketSession } from "@vernal/websocket";

/** What all four examples do once they know who is there. */
export class Greeter extends TextWebSocketHandler {
  override async afterConnectionEstablished(session: WebSocketSession): Promise<void> {
    await session.sendMessage(`Hello ${session.principal?.name}`);
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(`${session.principal?.name}: ${message.payload}`);
  }
}
