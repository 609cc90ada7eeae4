import {
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketBroadcaster,
  WebSocketHandler,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { listening } from "../peers/behaviour";

type Session = WebSocketSession<{ room: string }>;

@WebSocketHandler("/ws/rooms/{room}", { allowedOrigins: ["https://chat.example.com"] })
export class RoomHandler extends TextWebSocketHandler {
  constructor(private readonly broadcaster: WebSocketBroadcaster) {
    super();
  }

  override afterConnectionEstablished(session: Session): void {
    session.join(session.pathVariables.room);
  }

  override handleTextMessage(session: Session, message: TextMessage): void {
    this.broadcaster.toGroup(session.pathVariables.room).except(session).send(message);
  }
}

void WebSocketApplication.run({ port: Number(process.env["PORT"]), components: [RoomHandler] }).then(
  ({ port }) => listening(port),
);
