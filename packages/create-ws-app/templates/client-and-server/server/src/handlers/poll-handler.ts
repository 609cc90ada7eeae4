import {
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  WebSocketSessions,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { Poll } from "../poll";
import { readClientMessage, type ServerMessage } from "../protocol";

@WebSocketHandler("/ws/poll")
export class PollHandler extends TextWebSocketHandler {
  constructor(
    private readonly poll: Poll,
    private readonly sessions: WebSocketSessions,
    private readonly broadcaster: WebSocketBroadcaster,
  ) {
    super();
  }

  override afterConnectionEstablished(): void {
    this.#publish();
  }

  override async handleTextMessage(session: WebSocketSession, { payload }: TextMessage): Promise<void> {
    const message = readClientMessage(payload);
    switch (message?.type) {
      case "vote":
        if (this.poll.vote(session.id, message.option)) this.#publish();
        else await refuse(session, "There is no such option.");
        break;
      case "withdraw":
        this.poll.withdraw(session.id);
        this.#publish();
        break;
      case undefined:
        await refuse(session, "That is no message of this protocol.");
    }
  }

  override afterConnectionClosed(session: WebSocketSession): void {
    this.poll.withdraw(session.id);
    this.#publish();
  }

  /** Everybody gets everything: it is small, and who has just come needs all of it. */
  #publish(): void {
    const { question, options } = this.poll;
    const people = this.sessions.ofPath("/ws/poll").size;
    const message: ServerMessage = { type: "poll", question, options, people };
    this.broadcaster.toPath("/ws/poll").send(JSON.stringify(message));
  }
}

async function refuse(session: WebSocketSession, reason: string): Promise<void> {
  const message: ServerMessage = { type: "refused", reason };
  await session.sendMessage(JSON.stringify(message));
}
