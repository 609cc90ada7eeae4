import type { CloseStatus } from "./close-status";
import type { VernalError } from "./errors";
import type { ClientHandshakeOptions } from "./websocket-client-options";
import type { WebSocketSession } from "./websocket-session";

/** A value, or a function that is asked for it before each attempt, such as for a fresh token. */
export type AskedEachTime<T> = T | (() => T | Promise<T>);

/** What is kept while there is no connection. */
export interface SendQueueOptions {
  /** How many messages. Default 1000: a queue is for a moment, not for a night. */
  readonly maxMessages?: number;
  /** How many bytes, frame headers included. Default 1 048 576: as much as may wait for a busy handler. */
  readonly maxBytes?: number;
  /**
   * What gives way when there is no room: `"refuse"` the new message, `"drop"` the oldest ones. Either is answered with
   * `false`. Default `"refuse"`: what was promised first is kept.
   */
  readonly overflow?: "refuse" | "drop";
}

/** How a session ended, or why there was none. */
export interface ConnectionEnd {
  /** How the session ended; `undefined` where there was none. */
  readonly status: CloseStatus | undefined;
  /**
   * Why there was none: an error of `WebSocketClient.execute`, with the server's `answer` if it gave one, or
   * `VERNAL_TARGET_FAILED`; `undefined` where there was a session.
   */
  readonly error: VernalError | undefined;
}

/** An end, and what comes after it. */
export interface Disconnection extends ConnectionEnd {
  /** How long until the next attempt, in milliseconds, or that the manager has stopped. */
  readonly next: { readonly delayMs: number } | "stopped";
}

/** How a `WebSocketConnectionManager` keeps its connection. What belongs to the handshake wins over the client's own. */
export interface WebSocketConnectionManagerOptions extends Omit<ClientHandshakeOptions, "headers"> {
  /** More headers, added to the client's. Default: none: the client's are sent anyway. */
  readonly headers?: AskedEachTime<Readonly<Record<string, string>>>;
  /**
   * The longest wait before it comes back to a server that has announced its leave (1001, 1012). After any other end the
   * longest wait is twice this, and doubles with each attempt in a row that gave no stable connection, up to
   * `maxDelayMs`; the wait itself is any time from none to the longest, at random, so that the clients of a server do
   * not come back at one moment. Milliseconds, default 1000: soon enough for a person who waits.
   */
  readonly initialDelayMs?: number;
  /**
   * Where the longest wait stops growing. A server that asks for more time with `Retry-After` gets it, up to this, before
   * the wait at random. Milliseconds, default 30 000: a server that is back is found within a minute.
   */
  readonly maxDelayMs?: number;
  /**
   * How long a connection has to hold until the attempts before it are forgotten: a server that accepts and drops at
   * once is not hammered. Milliseconds, default 10 000: what fails at once has failed by then.
   */
  readonly stableAfterMs?: number;
  /** After how many attempts in a row without a stable connection it stops. Default: never: how long a server is away, nobody knows. */
  readonly maxAttempts?: number;
  /**
   * Keeps what is sent while there is no connection, and sends it in order at the next one. Default: nothing is kept: what
   * is sent late may be wrong by then.
   */
  readonly queue?: SendQueueOptions;
  /**
   * Whether to come back, in place of the rule: `true`, `false`, or `undefined` to leave it to the rule. Not asked after
   * `stop`, nor where nothing could change, such as for a header that cannot be sent. What it throws is logged, and the
   * rule holds.
   *
   * The rule: not after 1000, 1002, 1003, 1007 to 1010 and codes from 3000 on, nor after a refusal with a status from
   * 400 to 499 other than 408, 425 and 429. After everything else it comes back. Default: the rule: it
   * stops only where a second attempt would meet the same.
   */
  readonly shouldReconnect?: (end: ConnectionEnd) => boolean | undefined;
  /**
   * Called when there is a session and its `afterConnectionEstablished` has settled; what waited in the queue is on its
   * way before what is sent here. A throw or a rejection is logged and changes nothing. Default: nothing is called: the
   * handler hears of every session.
   */
  readonly connected?: (session: WebSocketSession) => void | Promise<void>;
  /**
   * Called when a session has ended, and when an attempt has failed; once for each, whether `connected` was called
   * before or not. A throw or a rejection is logged and changes nothing. Default: nothing is called: the log has it.
   */
  readonly disconnected?: (disconnection: Disconnection) => void | Promise<void>;
}
