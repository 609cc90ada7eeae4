import {
  TextMessage,
  TextWebSocketHandler,
  type CloseStatus,
  type WebSocketSession,
} from "@vernal/websocket";

/** `console.log` where the article has `System.out.println`. */
export class MyWebSocketHandler extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession): void {
    console.log(`클라이언트 연결됨: ${session.id}`);
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    console.log(`받은 메시지: ${message.payload}`);
    await session.sendMessage(new TextMessage(`서버 응답: ${message.payload}`));
  }

  override afterConnectionClosed(session: WebSocketSession, _status: CloseStatus): void {
    console.log(`클라이언트 연결 종료: ${session.id}`);
  }
}
