import type { Frame, Payload } from "./frame";

/** Below this compression costs more than it saves. */
export const COMPRESSION_THRESHOLD_BYTES = 1024;

export type Written = (error?: Error | null) => void;

/** What carries the frames of a connection to its peer. What it takes in one tick leaves together. */
export interface Wire {
  /** Bytes that it holds and that the operating system has not taken. */
  readonly bufferedAmount: number;
  /** Whether what it holds waits for the peer, and not for this side. */
  readonly isWaitingForPeer: boolean;
  /** Whether ws hands over each message while the read that has brought it is worked through; not what it inflates. */
  readonly isInStep: boolean;
  /** Takes a frame. Says how many more times it will call `written` for it, now that it has it. */
  write(frame: Frame, written: Written): number;
  /** The same for what needs no frame of its own. */
  writePayload(opcode: number, payload: Payload, payloadLength: number, written: Written): number;
  /** The end of the tick: hands over what it has taken. Says how many more times it will call `written`. */
  flush(written: Written): number;
  /** The same before the end of a tick, so that others can write behind it: all of the tick still leaves together. */
  flushEarly(written: Written): number;
}
