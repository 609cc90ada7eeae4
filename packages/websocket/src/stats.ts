/** Messages, text and binary, and the bytes of their payloads, uncompressed. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * The state of a server at one moment; what is not said to be of this moment counts since the start. It is always
 * counted, costs a few additions per message, and holds no name, address or content of anybody.
 */
export interface ApplicationStats {
  /** Sessions that are open now. */
  readonly openSessions: number;
  /** The same by path as it was registered; a path without any has 0. */
  readonly openSessionsByPath: Readonly<Record<string, number>>;
  /** Sessions whose socket is paused now, because their handler is busy. */
  readonly pausedSessions: number;
  /** Sessions that were opened. */
  readonly openedSessions: number;
  /** What came in. */
  readonly received: Traffic;
  /** What was sent and not dropped; to many counts for each of them. */
  readonly sent: Traffic;
  /** Messages that came in and were not delivered, because their session was closing. */
  readonly discardedMessages: number;
  /** Messages that were dropped before they were sent, by `overflowStrategy` or because their session ended. */
  readonly droppedMessages: number;
  /** Handshakes that were refused, by status; paths that are none of ours included where we answer them. */
  readonly refusalsByStatus: Readonly<Record<number, number>>;
  /** Sessions that have ended, by the code of their final status. */
  readonly closesByCode: Readonly<Record<number, number>>;
  /** How often each limit took effect, by the name of its option; one that never did is missing. */
  readonly limits: Readonly<Record<string, number>>;
  /** The most bytes that ever waited for one peer. */
  readonly highestBufferedBytes: number;
}
