/** How many messages a peer may send. */
export interface MessageRate {
  /** How many in the long run: above 0, up to 1 000 000; 0.5 is one every two seconds. */
  readonly perSecond: number;
  /** How many at once after it was quiet: from 1 to 1 000 000. */
  readonly burst: number;
}

/** What becomes of a peer for which too much waits: it is closed, or its oldest messages are dropped. */
export type OverflowStrategy = "terminate" | "drop";

/**
 * What one connection may cost. Each is an option of the application and of one handler, whose value wins, and of a
 * `WebSocketClient`. Sizes are bytes, times are milliseconds, and `false` switches off what can be switched off. A time
 * is kept to within a quarter of the shortest one, or to within one second where all are longer than four.
 *
 * While Vernal has paused a socket because its handler is busy, no time of the peer runs: it cannot answer what is not
 * read.
 */
export interface ConnectionOptions {
  /**
   * The largest message that is accepted, after decompression. A larger one closes the session with 1009
   * (RFC 6455 section 7.4.1). Default 65 536: Spring's limit for STOMP, enough for text, small enough that ten
   * thousand clients cannot fill the memory.
   */
  readonly maxMessageBytes?: number;
  /**
   * The most frames that one message may come in; one more closes with 1008. Default 1024: every unfinished
   * fragment costs about twenty times its size, and no client in use sends so many.
   */
  readonly maxFragments?: number;
  /**
   * The most TCP chunks that are kept while a frame is incomplete; one more closes with 1008. Default 4096: a
   * sender that drips single bytes cannot pin a buffer for each.
   */
  readonly maxBufferedChunks?: number;
  /**
   * How long a peer may take from the first byte of a message to its last, before 1008. Default 30 000: long enough for
   * the largest message over a bad line, and whoever never finishes one does not hold its parts for good.
   */
  readonly unfinishedMessageTimeoutMs?: number | false;
  /**
   * How long a new session may be silent before its first message, before 1008. Default `false`: many only listen. Set
   * it where a client has to say who it is; Spring's STOMP waits 60 000.
   */
  readonly firstMessageTimeoutMs?: number | false;
  /**
   * How long a session may go without a message of either side, before 1001. Pings and pongs do not count. Default
   * `false`: a heartbeat shows that the peer lives, and a quiet one costs little.
   */
  readonly idleTimeoutMs?: number | false;
  /**
   * How long nothing may come from a peer until it is sent a ping, and how long again until it is taken for dead and
   * cut (1006). Both come up to a second early, so that a pulled cable is noticed within twice this time. Default
   * 25 000: below the 30 to 60 seconds after which proxies and mobile networks forget a quiet connection.
   */
  readonly heartbeatIntervalMs?: number | false;
  /**
   * How many messages may wait for a busy handler until the socket is paused; it is resumed when half of them are worked
   * off. What one read has already brought in still queues. Default 64: enough to keep a handler busy, and one that
   * hangs holds little.
   */
  readonly maxPendingMessages?: number;
  /**
   * How many bytes of messages may wait until the socket is paused. Beyond four times this, plus `maxMessageBytes`, plus
   * 64 KiB, which only compressed input can reach, the queue is dropped and the session closed with 1009. Default
   * 1 048 576: sixteen of the largest messages.
   */
  readonly maxPendingBytes?: number;
  /**
   * How many messages a peer may send, pings and pongs included, before 1008. Default `false`: what is too many depends
   * on the application, and a busy handler is protected by back-pressure. A public server should set it.
   */
  readonly messageRate?: MessageRate | false;
  /**
   * How many bytes may wait for a peer one full turn of the event loop after they were sent, before
   * `overflowStrategy` applies. What leaves at once does not count, nor does a burst: what one tick sends while nothing
   * waits may take its time, up to `maxBurstBytes`. Default 524 288, as in Spring: some seconds of a slow line.
   */
  readonly sendBufferLimitBytes?: number;
  /**
   * How many bytes may wait in all beside `sendBufferLimitBytes`, before `overflowStrategy` applies at once: both together
   * are the most that one session can hold. Default 16 777 216: a loop that never waits is stopped before it fills the
   * memory.
   */
  readonly maxBurstBytes?: number;
  /**
   * `"terminate"` drops what waits and closes the session with 4500 (`CloseStatus.SESSION_NOT_RELIABLE`). `"drop"`
   * discards the oldest whole messages until the rest fits, counts them, and answers `false` for each that was sent by
   * `sendMessage`; the newest stays, and what was below the high-water mark of 64 KiB when it came. Use it where only the
   * newest matters. Default `"terminate"`, as in Spring: nobody misses a message
   * without knowing.
   */
  readonly overflowStrategy?: OverflowStrategy;
  /**
   * How long a peer may take nothing of what waits for it, before 4500. A frame above 64 KiB has to be taken whole in
   * this time. Default 10 000, as in Spring.
   */
  readonly sendTimeLimitMs?: number;
  /**
   * The most groups that one session can be in; `join` throws beyond. Default 1000: a group costs memory for each of its
   * members, and a client that may name groups must not decide how much.
   */
  readonly maxGroupsPerSession?: number;
  /**
   * How long a callback may run until it is logged, once. Default 10 000: it keeps the messages behind it waiting.
   */
  readonly slowCallbackMs?: number;
  /**
   * How long a callback may run while its session is paused or has ended, before the session ends without it (1011
   * unless something was decided before): what waits is discarded, and `afterConnectionClosed` comes. Default 30 000: a
   * promise that never settles does not keep a session for good.
   */
  readonly callbackTimeoutMs?: number;
  /**
   * How long a closing session waits for what was sent before to leave and for the peer's close frame, before the
   * socket is cut. Default 5000: a peer that is there answers in one round trip.
   */
  readonly closeTimeoutMs?: number;
  /**
   * How many sessions there may be at a time, handshakes on their way included, before 503 with `Retry-After`. The
   * application's value counts all of its sessions, and a handler's value its own; both hold. Default `false`: it
   * depends on the memory of the machine.
   */
  readonly maxConnections?: number | false;
  /**
   * How many of them may come from one address, before 429 with `Retry-After`; of IPv6 a /64 network is one address.
   * Behind a proxy set `trustedProxies` too, else the proxy is the one address. Default `false`: a company or a mobile
   * network may be one address. A public server should set it.
   */
  readonly maxConnectionsPerAddress?: number | false;
  /**
   * How many of them may be of one user (the name of the principal), before 429 with `Retry-After`. Default `false`: how
   * many tabs and devices a user has is for the application to know.
   */
  readonly maxConnectionsPerUser?: number | false;
  /**
   * Whether messages from 1 KiB on are compressed for clients that offer it (RFC 7692), each by itself; a broadcast once
   * for all of them, to 16 sessions or more from 256 bytes on. Default `false`: it costs time on the event loop and memory
   * for each session, and it can leak secrets that stand in one message with what an attacker chose. Set it for large texts.
   */
  readonly perMessageDeflate?: boolean;
}

/** The options that count sessions instead of bounding one: the application's and a handler's hold side by side. */
export type SeatOptions = Pick<
  ConnectionOptions,
  "maxConnections" | "maxConnectionsPerAddress" | "maxConnectionsPerUser"
>;

/** The limits of one endpoint, nothing left open. */
export type ConnectionLimits = Required<Omit<ConnectionOptions, keyof SeatOptions>>;

export const DEFAULT_LIMITS: ConnectionLimits = Object.freeze({
  maxMessageBytes: 64 * 1024,
  maxFragments: 1024,
  maxBufferedChunks: 4096,
  unfinishedMessageTimeoutMs: 30_000,
  firstMessageTimeoutMs: false,
  idleTimeoutMs: false,
  heartbeatIntervalMs: 25_000,
  maxPendingMessages: 64,
  maxPendingBytes: 1024 * 1024,
  messageRate: false,
  sendBufferLimitBytes: 512 * 1024,
  maxBurstBytes: 16 * 1024 * 1024,
  overflowStrategy: "terminate",
  sendTimeLimitMs: 10_000,
  maxGroupsPerSession: 1000,
  slowCallbackMs: 10_000,
  callbackTimeoutMs: 30_000,
  closeTimeoutMs: 5000,
  perMessageDeflate: false,
});

/** The options that are whole numbers. */
export type NumberOption = Exclude<
  keyof ConnectionOptions,
  "messageRate" | "overflowStrategy" | "perMessageDeflate"
>;

const ONE_GIB = 1024 * 1024 * 1024;
const LONGEST_MS = 86_400_000;
const MOST = 1_000_000_000;

/** The smallest and the largest value that makes sense for each option; boot reports what lies outside. */
export const LIMIT_RANGES: Readonly<Record<NumberOption, readonly [number, number]>> = Object.freeze({
  maxMessageBytes: [1, ONE_GIB],
  maxFragments: [1, 1_000_000],
  maxBufferedChunks: [1, 1_000_000],
  unfinishedMessageTimeoutMs: [1, LONGEST_MS],
  firstMessageTimeoutMs: [1, LONGEST_MS],
  idleTimeoutMs: [1, LONGEST_MS],
  heartbeatIntervalMs: [1, LONGEST_MS],
  maxPendingMessages: [1, 1_000_000],
  maxPendingBytes: [1, ONE_GIB],
  sendBufferLimitBytes: [1, ONE_GIB],
  maxBurstBytes: [1, ONE_GIB],
  sendTimeLimitMs: [1, LONGEST_MS],
  maxGroupsPerSession: [0, 1_000_000],
  slowCallbackMs: [1, LONGEST_MS],
  callbackTimeoutMs: [1, LONGEST_MS],
  closeTimeoutMs: [1, 600_000],
  maxConnections: [0, MOST],
  maxConnectionsPerAddress: [0, MOST],
  maxConnectionsPerUser: [0, MOST],
});

/** The numbers that `false` switches off. */
export const SWITCHABLE_LIMITS: ReadonlySet<string> = new Set<NumberOption>([
  "unfinishedMessageTimeoutMs",
  "firstMessageTimeoutMs",
  "idleTimeoutMs",
  "heartbeatIntervalMs",
  "maxConnections",
  "maxConnectionsPerAddress",
  "maxConnectionsPerUser",
]);
