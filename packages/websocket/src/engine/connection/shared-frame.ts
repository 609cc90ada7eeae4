import { constants, deflateRawSync } from "node:zlib";
import type { Sendable } from "../../message";
import { compressedFrameOf, encodeFrame, frameOpcode, framePayload, isControl, type Frame } from "./frame";
import { COMPRESSION_THRESHOLD_BYTES } from "./wire";

/** From so many recipients on it pays to compress smaller messages too: it is done once. */
const MANY_RECIPIENTS = 16;
const COMPRESSION_THRESHOLD_FOR_MANY_BYTES = 256;
/**
 * It takes the event loop's time, a tenth of a millisecond for as much as this; what is larger, ws compresses on other
 * threads for each session, which costs the more the more there are.
 */
const COMPRESSED_BYTES_PER_RECIPIENT = 8 * 1024;
const MAX_COMPRESSED_BYTES = 256 * 1024;
/** What a flush of zlib ends with, and a message does not (RFC 7692 section 7.2.1). */
const TAIL_BYTES = 4;

/** A frame for many sessions: as it stands, and compressed at most once for all who have agreed to that. */
export class SharedFrame implements Frame {
  readonly head: Buffer;
  readonly body: Buffer | undefined;
  readonly byteLength: number;
  readonly payloadLength: number;
  readonly #recipients: number;
  /** `undefined` until somebody asks. */
  #compressed: Frame | null | undefined;

  /** Throws for anything that is no message. */
  constructor(message: Sendable, recipients: number) {
    const { head, body, byteLength, payloadLength } = encodeFrame(message);
    this.head = head;
    this.body = body;
    this.byteLength = byteLength;
    this.payloadLength = payloadLength;
    this.#recipients = recipients;
  }

  /**
   * For sessions without context takeover and with the full window. As it stands where that is not longer, `null` where
   * it is too small or too large to be compressed here.
   */
  get compressed(): Frame | null {
    if (this.#compressed === undefined) this.#compressed = this.#mayPay ? compress(this) : null;
    return this.#compressed;
  }

  get #mayPay(): boolean {
    const isForMany = this.#recipients >= MANY_RECIPIENTS;
    const threshold = isForMany ? COMPRESSION_THRESHOLD_FOR_MANY_BYTES : COMPRESSION_THRESHOLD_BYTES;
    const limit = Math.min(MAX_COMPRESSED_BYTES, this.#recipients * COMPRESSED_BYTES_PER_RECIPIENT);
    const { payloadLength } = this;
    return payloadLength >= threshold && payloadLength <= limit && !isControl(frameOpcode(this));
  }
}

function compress(frame: Frame): Frame {
  const deflated = deflateRawSync(framePayload(frame), { finishFlush: constants.Z_SYNC_FLUSH });
  const payload = deflated.subarray(0, -TAIL_BYTES);
  return payload.length < frame.payloadLength ? compressedFrameOf(frameOpcode(frame), payload) : frame;
}
