import {
  Component,
  InjectLogger,
  TextWebSocketHandler,
  WebSocketHandler,
  type Logger,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";

declare module "@vernal/websocket" {
  interface SessionAttributes {
    greeted: number;
  }
}

@Component()
export class Greetings {
  of(name: string, room: string, times: number): string {
    return `Hello ${name} in ${room}, number ${times}`;
  }
}

@WebSocketHandler("/ws/rooms/{room}")
export class GreetingHandler extends TextWebSocketHandler {
  constructor(
    private readonly greetings: Greetings,
    @InjectLogger() private readonly logger: Logger,
  ) {
    super();
  }

  override async handleTextMessage(
    session: WebSocketSession<{ room: string }>,
    message: TextMessage,
  ): Promise<void> {
    // Compiles as a number only where the types of the package can be added to from outside.
    const greeted = (session.attributes.get("greeted") ?? 0) + 1;
    session.attributes.set("greeted", greeted);
    this.logger.info("greeting number %d", greeted);
    await session.sendMessage(this.greetings.of(message.payload, session.pathVariables.room, greeted));
  }
}
