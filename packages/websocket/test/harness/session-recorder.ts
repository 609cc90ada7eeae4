import {
  AbstractWebSocketHandler,
  type BinaryMessage,
  type CloseStatus,
  type PongMessage,
  type TextMessage,
  type WebSocketSession,
} from "../../src/index";
import { until } from "./until";

/** A handler that keeps what it is told, in its order. */
export class SessionRecorder extends AbstractWebSocketHandler {
  readonly log: string[] = [];
  readonly sessions: WebSocketSession<object>[] = [];

  override afterConnectionEstablished(session: WebSocketSession<object>): void | Promise<void> {
    this.sessions.push(session);
    this.log.push("established");
  }

  override handleTextMessage(_session: WebSocketSession<object>, message: TextMessage): void | Promise<void> {
    this.log.push(`text ${message.payload}`);
  }

  override handleBinaryMessage(
    _session: WebSocketSession<object>,
    message: BinaryMessage,
  ): void | Promise<void> {
    this.log.push(`binary ${message.payload.toString("hex")}`);
  }

  override handlePongMessage(_session: WebSocketSession<object>, message: PongMessage): void | Promise<void> {
    this.log.push(`pong ${message.payload.toString()}`);
  }

  override handleTransportError(_session: WebSocketSession<object>, error: Error): void | Promise<void> {
    this.log.push(`error ${(error as NodeJS.ErrnoException).code}`);
  }

  override afterConnectionClosed(
    session: WebSocketSession<object>,
    status: CloseStatus,
  ): void | Promise<void> {
    this.log.push(`closed ${status.toString()} by ${session.closedBy}`);
  }

  /** Waits for the last callback of `count` sessions. */
  async ended(count = 1): Promise<void> {
    const ends = (): number => this.log.filter((line) => line.startsWith("closed ")).length;
    await until(`the last callback of ${count} sessions`, () => ends() >= count);
  }
}
