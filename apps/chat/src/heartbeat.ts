import { Component, PingMessage, WebSocketBroadcaster, WebSocketSessions } from "@vernal/websocket";

const INTERVAL_MS = 15_000;

/**
 * Finds out who is gone without a word. A computer that falls asleep or loses its network sends no close frame, and
 * would stay in the room for as long as TCP believes in it.
 */
@Component()
export class Heartbeat {
  #unanswered = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: WebSocketSessions,
    private readonly broadcaster: WebSocketBroadcaster,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.beat(), INTERVAL_MS).unref();
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Cuts those that have not answered the last ping, and pings the others. */
  beat(): void {
    for (const session of this.sessions) {
      // Not `close`, which would wait for an answer of somebody who gives none.
      if (this.#unanswered.has(session.id)) session.native.terminate();
    }
    this.#unanswered = new Set(Array.from(this.sessions, ({ id }) => id));
    this.broadcaster.toAll().send(new PingMessage());
  }

  answered(sessionId: string): void {
    this.#unanswered.delete(sessionId);
  }
}
