import type { WebSocketSession } from "./websocket-session";

/**
 * The open sessions of the application. Inject it. A session is in it from before `afterConnectionEstablished` until
 * its connection has ended, which is before `afterConnectionClosed`.
 */
export abstract class WebSocketSessions implements Iterable<WebSocketSession> {
  /** How many are open. */
  abstract readonly size: number;
  /** The open session of this id. */
  abstract get(id: string): WebSocketSession | undefined;
  /** The open sessions of a path, as it was registered: `"/ws/rooms/{room}"`. */
  abstract ofPath(path: string): ReadonlySet<WebSocketSession>;
  /** The open sessions of a user, by `principal.name`. */
  abstract ofUser(name: string): ReadonlySet<WebSocketSession>;
  /** The open sessions of a group. */
  abstract ofGroup(group: string): ReadonlySet<WebSocketSession>;
  /** All of them, in the order in which they were opened. */
  abstract [Symbol.iterator](): IterableIterator<WebSocketSession>;
}
