import type { WebSocket } from "ws";
import type { CloseStatus, ReceiveOnlyCloseCode } from "./close-status";
import type { HandshakeHeaders, Principal } from "./handshake";
import type { Sendable } from "./message";
import type { AttributeMap } from "./session-attributes";

/** Who ended a session: the peer's close frame, a decision on this side, or a connection that was lost. */
export type ClosedBy = "peer" | "local" | "network";

/** An end of the connection, as the operating system or a trusted proxy names it. */
export interface SocketAddress {
  readonly address: string;
  /** `undefined` for a client behind a proxy, which tells the address only. */
  readonly port: number | undefined;
}

/**
 * One open connection (Spring `WebSocketSession`). Handlers get it in every callback; it stays valid after its end, so
 * an asynchronous callback needs no check before it uses one: a send is then answered with `false`, `close` and `join`
 * do nothing.
 *
 * @typeParam V the path variables that a handler relies on, such as `{ room: string }`. Write it as a type, in the
 * parameter of a callback; `@WebSocketHandler` checks it against the path.
 */
export interface WebSocketSession<V extends object = Readonly<Record<string, string>>> {
  /** A random UUID. */
  readonly id: string;
  /**
   * The address that was asked for, query included, with the scheme `ws` or `wss`; behind one of the `trustedProxies`
   * the one that the client asked for.
   */
  readonly uri: URL;
  /** The variables of the path, decoded. */
  readonly pathVariables: V;
  /** The headers of the handshake that the peer sent: those of the request, and for a client those of the answer. */
  readonly handshakeHeaders: HandshakeHeaders;
  /** Whatever the application keeps with the session; starts with what the handshake's interceptors put in. */
  readonly attributes: AttributeMap;
  /** Who the peer is, as `HandshakeHandler.determineUser` or `authenticate` said; `undefined` for nobody in particular. */
  readonly principal: Principal | undefined;
  /**
   * Until when `principal` holds, if it said so. At that time, to within a second, the session closes with 1008 and the
   * reason "Authentication expired", unless `authenticate` has renewed it.
   */
  readonly expiresAt: Date | undefined;
  /** This end of the connection; `undefined` where the transport has none, or when first asked for after the end. */
  readonly localAddress: SocketAddress | undefined;
  /** The peer's end, or the client's behind `trustedProxies`; `undefined` where the transport has no addresses. */
  readonly remoteAddress: SocketAddress | undefined;
  /** The sub-protocol that both sides speak; `undefined` if none was agreed. */
  readonly acceptedProtocol: string | undefined;
  /** Whether a message can still be sent: neither side has begun to close. */
  readonly isOpen: boolean;
  /** Bytes that were sent here and that the operating system has not taken yet, frame headers included. */
  readonly bufferedAmount: number;
  /** The groups that the session is in. */
  readonly groups: ReadonlySet<string>;
  /** Aborts when the connection has ended: hand it to what a callback waits for. */
  readonly signal: AbortSignal;
  /** Settles with the final status when the connection has ended; never rejects. */
  readonly closed: Promise<CloseStatus>;
  /** Who ended the session; `undefined` until the connection has ended. */
  readonly closedBy: ClosedBy | undefined;
  /**
   * The WebSocket of the library `ws` beneath, for what this interface lacks. What you send on it passes by the order,
   * the limits and the counts of the session. Leave its `binaryType` and its listeners as they are.
   */
  readonly native: WebSocket;

  /**
   * Sends one message; a string as text, bytes as binary. What one tick sends leaves together, in writes of up to 64 KiB.
   *
   * @returns a promise that never rejects: `true` when the message is below the high-water mark (64 KiB wait at most)
   * or has drained to it, so a producer that awaits it goes no faster than the peer; `false` when the session has
   * ended, or the message was dropped by `overflowStrategy`. One peer's leaving can therefore never fail the callback of
   * another.
   * @throws VernalError `VERNAL_INVALID_ARGUMENT` at once for anything that is no message.
   */
  sendMessage(message: Sendable): Promise<boolean>;

  /**
   * Begins to close, with `CloseStatus.NORMAL` unless told otherwise: what was sent before leaves first, nothing more
   * is delivered, `afterConnectionClosed` follows when the connection has ended. Only the first call counts. Never
   * throws.
   */
  close<S extends CloseStatus>(status?: S["code"] extends ReceiveOnlyCloseCode ? never : S): void;

  /**
   * Adds the session to a group, until it leaves or ends; does nothing once it has ended. A group is one of the whole
   * application, whatever path its sessions came by.
   *
   * @throws VernalError `VERNAL_INVALID_ARGUMENT` for a name that is no string or empty, `VERNAL_TOO_MANY_GROUPS` for
   * more than `maxGroupsPerSession`.
   */
  join(group: string): void;

  /**
   * Says anew who the peer is, as after a login or with a fresh token; `WebSocketSessions.ofUser` and
   * `WebSocketBroadcaster.toUser` go by it at once. Does nothing once the session has ended.
   *
   * @param principal in place of the one before; `undefined` for nobody in particular.
   * @param options `expiresAt`: until when it holds. Default: what the principal says.
   * @throws VernalError `VERNAL_INVALID_ARGUMENT` for a principal without a name, for an `expiresAt` that is no valid date,
   * or that nobody has.
   * @throws CloseSessionError with 1008 where `maxConnectionsPerUser` leaves that user no session more; nothing has changed
   * then. Not caught in a callback, it closes the session with this status.
   */
  authenticate(principal: Principal | undefined, options?: { readonly expiresAt?: Date }): void;

  /** Takes the session out of a group; does nothing if it is not in it. */
  leave(group: string): void;
}
