/**
 * What one connection may cost. Each is an option of the application and of one handler; the handler's value wins.
 * Sizes are bytes, times are milliseconds.
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
   * How long a closing session waits for what was sent before to leave and for the peer's close frame, before the
   * socket is cut. Default 5000: a peer that is there answers in one round trip.
   */
  readonly closeTimeoutMs?: number;
}

/** The limits of one endpoint, nothing left open. */
export type ConnectionLimits = Required<ConnectionOptions>;

export const DEFAULT_LIMITS: ConnectionLimits = Object.freeze({
  maxMessageBytes: 64 * 1024,
  maxFragments: 1024,
  maxBufferedChunks: 4096,
  closeTimeoutMs: 5000,
});

/** The smallest and the largest value that makes sense for each option; boot reports what lies outside. */
export const LIMIT_RANGES: Readonly<Record<keyof ConnectionLimits, readonly [number, number]>> =
  Object.freeze({
    maxMessageBytes: [1, 1024 * 1024 * 1024],
    maxFragments: [1, 1_000_000],
    maxBufferedChunks: [1, 1_000_000],
    closeTimeoutMs: [1, 600_000],
  });
