import {
  Component,
  TextWebSocketHandler,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";

@Component()
export class Greetings {
  of(name: string): string {
    return `Hello ${name}`;
  }
}

@WebSocketHandler("/ws/greetings")
export class GreetingHandler extends TextWebSocketHandler {
  constructor(private readonly greetings: Greetings) {
    super();
  }

  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(this.greetings.of(message.payload));
  }
}
