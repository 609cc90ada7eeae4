import { randomUUID } from "node:crypto";
import {
  CloseStatus,
  InjectLogger,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  type Logger,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { Heartbeat } from "../heartbeat";
import { Participants } from "../participants";
import {
  isRoomName,
  readClientMessage,
  roomRule,
  type ChatError,
  type ClientMessage,
  type ServerMessage,
} from "../protocol";
import { RoomHistory } from "../room-history";

type RoomSession = WebSocketSession<{ room: string }>;
type Request<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;

/** The rooms: one path, a session in one of them. */
@WebSocketHandler("/ws/rooms/{room}")
export class RoomHandler extends TextWebSocketHandler {
  constructor(
    private readonly history: RoomHistory,
    private readonly participants: Participants,
    private readonly heartbeat: Heartbeat,
    private readonly broadcaster: WebSocketBroadcaster,
    @InjectLogger() private readonly logger: Logger,
  ) {
    super();
  }

  override afterConnectionEstablished(session: RoomSession): void {
    if (!isRoomName(session.pathVariables.room)) {
      session.close(CloseStatus.POLICY_VIOLATION.withReason(roomRule));
    }
  }

  override handleTextMessage(session: RoomSession, { payload }: TextMessage): void {
    const request = readClientMessage(payload);
    switch (request.type) {
      case "join":
        return this.#join(session, request);
      case "message":
        return this.#publish(session, request);
      case "typing":
        return this.#tellTyping(session, request);
      case "error":
        return say(session, request);
    }
  }

  override handlePongMessage(session: RoomSession): void {
    this.heartbeat.answered(session.id);
  }

  override afterConnectionClosed(session: RoomSession, status: CloseStatus): void {
    const left = this.participants.leave(session.id);
    if (left === undefined) return;
    this.#tellRoom(left.room, "left", left.nickname);
    this.logger.info({ session: session.id, room: left.room, code: status.code }, "left");
  }

  #join(session: RoomSession, { requestId, nickname }: Request<"join">): void {
    const { room } = session.pathVariables;
    if (this.participants.of(session.id) !== undefined) {
      return refuse(session, requestId, "already-joined", "You are in the room already.");
    }
    if (this.participants.enter(session.id, room, nickname) === undefined) {
      return refuse(session, requestId, "nickname-taken", `Somebody here is already called ${nickname}.`);
    }
    const history = this.history.of(room);
    const online = this.participants.in(room);
    say(session, { type: "welcome", requestId, id: session.id, nickname, history, online });
    this.#tellRoom(room, "joined", nickname);
    session.join(room);
    this.logger.info({ session: session.id, room }, "joined");
  }

  #publish(session: RoomSession, { requestId, text }: Request<"message">): void {
    const participant = this.participants.of(session.id);
    if (participant === undefined) return refuseStranger(session, requestId);
    const { room, nickname: from } = participant;
    let message = this.history.find(room, from, requestId);
    if (message === undefined) {
      message = { id: randomUUID(), from, text, time: new Date().toISOString() };
      this.history.add(room, message, requestId);
      this.#tellOthers(session, { type: "message", ...message });
    }
    say(session, { type: "ack", requestId, id: message.id, time: message.time });
  }

  #tellTyping(session: RoomSession, { requestId }: Request<"typing">): void {
    const participant = this.participants.of(session.id);
    if (participant === undefined) return refuseStranger(session, requestId);
    this.#tellOthers(session, { type: "typing", nickname: participant.nickname });
  }

  #tellRoom(room: string, type: "joined" | "left", nickname: string): void {
    const online = this.participants.in(room);
    const notice: ServerMessage = { type, nickname, time: new Date().toISOString(), online };
    this.broadcaster.toGroup(room).send(JSON.stringify(notice));
  }

  #tellOthers(session: RoomSession, message: ServerMessage): void {
    const { room } = session.pathVariables;
    this.broadcaster.toGroup(room).except(session).send(JSON.stringify(message));
  }
}

function refuseStranger(session: RoomSession, requestId: string): void {
  refuse(session, requestId, "not-joined", "Join the room first.");
}

function refuse(session: RoomSession, requestId: string, code: ChatError["code"], message: string): void {
  say(session, { type: "error", requestId, code, message });
}

function say(session: RoomSession, message: ServerMessage): void {
  // Whether it arrives is the business of the client, which asks again.
  void session.sendMessage(JSON.stringify(message));
}
