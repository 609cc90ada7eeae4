import type { CloseStatus, ReceiveOnlyCloseCode } from "./close-status";
import type { Sendable } from "./message";
import type { WebSocketSession } from "./websocket-session";

/** Sends to many sessions at once. Inject it, also to send to one user from anywhere in the application. */
export abstract class WebSocketBroadcaster {
  /** Every open session. */
  abstract toAll(): Broadcast;
  /** The sessions of a path, as it was registered: `"/ws/rooms/{room}"`. */
  abstract toPath(path: string): Broadcast;
  /** The sessions of a user, by `principal.name`. */
  abstract toUser(name: string): Broadcast;
  /** The sessions that joined a group. */
  abstract toGroup(group: string): Broadcast;
}

/** A choice of sessions, looked up anew at each `send` and `close`. Immutable. */
export interface Broadcast {
  /** The same choice without these sessions, or the sessions of these ids. */
  except(...sessions: readonly (WebSocketSession<object> | string)[]): Broadcast;

  /**
   * Sends a message to each; it is encoded once, whatever their number.
   *
   * @returns to how many sessions it went.
   * @throws VernalError `VERNAL_INVALID_ARGUMENT` for anything that is no message.
   */
  send(message: Sendable): number;

  /**
   * Closes each as `session.close` does.
   *
   * @returns how many sessions began to close.
   */
  close<S extends CloseStatus>(status?: S["code"] extends ReceiveOnlyCloseCode ? never : S): number;
}
