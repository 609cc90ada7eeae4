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
import { MessageHistory, type HistoryPage, type KeptMessage } from "../message-history";
import { Participants } from "../participants";
import {
  isRoomName,
  readClientMessage,
  roomRule,
  type ChatError,
  type ChatMessage,
  type ClientMessage,
  type ServerMessage,
} from "../protocol";

type RoomSession = WebSocketSession<{ room: string }>;
type Request<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;

/** The rooms: one path, a session in one of them. Whoever comes has to join. */
@WebSocketHandler("/ws/rooms/{room}", { firstMessageTimeoutMs: 60_000 })
export class RoomHandler extends TextWebSocketHandler {
  constructor(
    private readonly history: MessageHistory,
    private readonly participants: Participants,
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

  override handleTextMessage(session: RoomSession, { payload }: TextMessage): void | Promise<void> {
    const request = readClientMessage(payload);
    switch (request.type) {
      case "join":
        return this.#join(session, request);
      case "message":
        return this.#publish(session, request);
      case "typing":
        return this.#tellTyping(session, request);
      case "error":
        return void say(session, request);
    }
  }

  override handleBinaryMessage(session: RoomSession): void {
    void say(session, { type: "error", code: "invalid", message: "A message is text." });
  }

  override afterConnectionClosed(session: RoomSession, status: CloseStatus): void {
    const left = this.participants.leave(session.id);
    if (left === undefined) return;
    this.#tellRoom(left.room, "left", left.nickname);
    this.logger.info({ session: session.id, room: left.room, code: status.code }, "left");
  }

  async #join(session: RoomSession, request: Request<"join">): Promise<void> {
    const { requestId, clientId, nickname, since } = request;
    const { room } = session.pathVariables;
    if (this.participants.of(session.id) !== undefined) {
      return refuse(session, requestId, "already-joined", "You are in the room already.");
    }
    if (!this.participants.enter(session.id, { room, nickname, clientId })) {
      return refuse(session, requestId, "nickname-taken", `Somebody here is already called ${nickname}.`);
    }
    this.#tellRoom(room, "joined", nickname);
    let page = since === undefined ? this.history.latest(room) : this.history.after(room, since);
    while (page.more) {
      const sent = say(session, { type: "history", requestId, ...historyFor(clientId, page) });
      // At the pace of the client, and no further than it stays.
      if (!(await sent)) return;
      page = this.history.after(room, page.messages.at(-1)?.id ?? 0);
    }
    // From the last page to joining in one turn: nothing is missed between them, and nothing comes twice.
    const online = this.participants.in(room);
    void say(session, { type: "welcome", requestId, nickname, online, ...historyFor(clientId, page) });
    session.join(room);
    this.logger.info({ session: session.id, room }, "joined");
  }

  #publish(session: RoomSession, { requestId, text }: Request<"message">): void {
    const participant = this.participants.of(session.id);
    if (participant === undefined) return refuseStranger(session, requestId);
    const { room, nickname: from, clientId } = participant;
    const { message, isNew } = this.history.add({ room, from, text, clientId, requestId });
    if (isNew) this.#tellOthers(session, { type: "message", ...publicPartOf(message) });
    void say(session, { type: "ack", requestId, id: message.id, time: message.time });
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
  void say(session, { type: "error", requestId, code, message });
}

/** Whether it arrives is the business of the client, which asks again. */
function say(session: RoomSession, message: ServerMessage): Promise<boolean> {
  return session.sendMessage(JSON.stringify(message));
}

/** The client finds out which of the messages are its own: those need not be said again. */
function historyFor(clientId: string, { messages, gap }: HistoryPage) {
  const history = messages.map((message) => ({
    ...publicPartOf(message),
    ...(message.clientId === clientId && { requestId: message.requestId }),
  }));
  return { history, gap };
}

function publicPartOf({ id, from, text, time }: KeptMessage): ChatMessage {
  return { id, from, text, time };
}
