import {
  TextWebSocketHandler,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { Greetings } from "../greetings";

@WebSocketHandler("/ws/hello")
export class HelloHandler extends TextWebSocketHandler {
  constructor(private readonly greetings: Greetings) {
    super();
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(this.greetings.of(message.payload));
  }
}
