import {
  TextWebSocketHandler,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { Board } from "../board";

@WebSocketHandler("/ws/board")
export class BoardHandler extends TextWebSocketHandler {
  constructor(private readonly board: Board) {
    super();
  }

  override async afterConnectionEstablished(session: WebSocketSession): Promise<void> {
    if (this.board.latest !== undefined) await session.sendMessage(this.board.latest);
  }

  override handleTextMessage(_session: WebSocketSession, message: TextMessage): void {
    this.board.write(message.payload);
  }
}
