import {
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { habit, handle, listening, lookUp } from "../server";

@WebSocketHandler("/ws")
class TroubleHandler extends TextWebSocketHandler {
  readonly #opened = new WeakSet<WebSocketSession>();

  override async afterConnectionEstablished(session: WebSocketSession): Promise<void> {
    if (habit === "opening") await lookUp();
    this.#opened.add(session);
  }

  override handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    const { payload } = message;
    return handle(payload, this.#opened.has(session), (text) => void session.sendMessage(text));
  }
}

void WebSocketApplication.run({ port: 0, components: [TroubleHandler] }).then(({ port }) => listening(port));
