import type { Logger } from "pino";
import type { ConnectionLimits } from "../../options";
import type { ErrorMapper, WebSocketHandler } from "../../websocket-handler";
import type { WebSocketSession } from "../../websocket-session";
import type { Counters } from "../counters";
import type { Frame } from "./frame";
import type { Clock, Swept } from "./sweep";

/** A session as those see it who keep track of many. */
export interface ObservedConnection extends WebSocketSession, Swept {
  /** The path as it was registered. */
  readonly path: string;
  /** The name of the principal, as it was when the connection got it: the object is the application's. */
  readonly user: string | undefined;
  /** Sends what was encoded before; `false` if the connection no longer takes anything. */
  deliver(frame: Frame): boolean;
  /** Takes no more messages, and closes with 1001 when those that have arrived are handled. */
  finish(): void;
  /** Cuts the socket. */
  terminate(): void;
}

/** Who wants to know of the turns in the life of connections. */
export interface ConnectionObserver {
  joined(connection: ObservedConnection, group: string): void;
  left(connection: ObservedConnection, group: string): void;
  /** The connection belongs to another user from now on. */
  userChanged(connection: ObservedConnection, before: string | undefined): void;
  /** The socket has ended; the last callbacks are still to come. */
  ended(connection: ObservedConnection): void;
  /** The last callback has settled, and a handler of its own is disposed. */
  settled(connection: ObservedConnection): void;
}

/** What one connection takes of the `maxConnectionsPerUser`. */
export interface UserSeat {
  /** Moves it to another user; `false`, and nothing done, where that one has none left. */
  changeUser(name: string | undefined): boolean;
}

/** What the connections of one endpoint share. */
export interface ConnectionProfile {
  /** The path as it was registered. */
  readonly path: string;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  readonly mapError: ErrorMapper | undefined;
  readonly logger: Logger;
  readonly observer: ConnectionObserver;
  /** Those of the application. */
  readonly counters: Counters;
  /** Takes back the handler of one connection after its last callback; `null` where all share one. */
  readonly release: ((handler: WebSocketHandler) => Promise<void>) | null;
}
