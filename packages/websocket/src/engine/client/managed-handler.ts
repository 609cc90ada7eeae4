import type { CloseStatus } from "../../close-status";
import type { WebSocketHandler } from "../../websocket-handler";
import { WebSocketHandlerDecorator } from "../../websocket-handler-decorator";
import type { WebSocketSession } from "../../websocket-session";

/** Who wants to know of the turns in the life of a session. */
export interface SessionWatcher {
  opened(session: WebSocketSession): void;
  /** `afterConnectionEstablished` has settled, and not failed. */
  established(session: WebSocketSession): void;
  /** `afterConnectionClosed` has settled. */
  lastCallbackSettled(session: WebSocketSession): void;
}

/** A handler that somebody watches. */
export class ManagedHandler extends WebSocketHandlerDecorator {
  readonly #watcher: SessionWatcher;

  constructor(handler: WebSocketHandler, watcher: SessionWatcher) {
    super(handler);
    this.#watcher = watcher;
  }

  override afterConnectionEstablished(session: WebSocketSession): void | Promise<void> {
    this.#watcher.opened(session);
    const result = super.afterConnectionEstablished(session);
    if (result === undefined) this.#watcher.established(session);
    else return Promise.resolve(result).then(() => this.#watcher.established(session));
  }

  override async afterConnectionClosed(session: WebSocketSession, status: CloseStatus): Promise<void> {
    try {
      await super.afterConnectionClosed(session, status);
    } finally {
      this.#watcher.lastCallbackSettled(session);
    }
  }
}
