const COMPRESSED = 0x40;
const OPCODE = 0x0f;
const FIRST_CONTROL_OPCODE = 8;
/** What is longer carries data, and nobody reads it. */
const MAX_READ_BYTES = 125;

/** What a scanner meets in the bytes of a server. */
export interface FrameListener {
  /** A frame of data too long to be read: only its length is known. */
  data(payloadLength: number, compressed: boolean): void;
  /** A short one. `payload` is only valid during the call. */
  short(opcode: number, payload: Buffer, compressed: boolean): void;
}

/**
 * Finds the frames of a server in what arrives of them, however it is cut. It skips the payloads of long frames, so that
 * a load that only counts spends its time on reading from the kernel.
 */
export class FrameScanner {
  readonly #listener: FrameListener;
  /** Payloads of at most this length are passed on. */
  readonly #readBytes: number;
  /** Bytes of the current payload that have not come yet. */
  #missing = 0;
  /** The beginning of a frame whose header, or short payload, was cut. */
  #rest: Buffer | undefined;

  constructor(listener: FrameListener, readBytes = 0) {
    this.#listener = listener;
    this.#readBytes = Math.min(readBytes, MAX_READ_BYTES);
  }

  scan(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = undefined;
    }
    const end = bytes.length;
    let at = 0;
    if (this.#missing > 0) {
      at = Math.min(this.#missing, end);
      this.#missing -= at;
    }
    while (at < end) {
      const next = this.#frame(bytes, at, end);
      if (next < 0) {
        this.#rest = Buffer.from(bytes.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** Where the frame at `at` ends, or what is there of it; -1 if too little of it is there. */
  #frame(bytes: Buffer, at: number, end: number): number {
    if (end - at < 2) return -1;
    const first = bytes[at]!;
    let length = bytes[at + 1]!;
    let start = at + 2;
    if (length === 126) {
      start += 2;
      if (start > end) return -1;
      length = bytes.readUInt16BE(at + 2);
    } else if (length === 127) {
      start += 8;
      if (start > end) return -1;
      length = Number(bytes.readBigUInt64BE(at + 2));
    }
    const opcode = first & OPCODE;
    const compressed = (first & COMPRESSED) !== 0;
    if (opcode >= FIRST_CONTROL_OPCODE || length <= this.#readBytes) {
      if (start + length > end) return -1;
      this.#listener.short(opcode, bytes.subarray(start, start + length), compressed);
      return start + length;
    }
    this.#listener.data(length, compressed);
    const there = Math.min(length, end - start);
    this.#missing = length - there;
    return start + there;
  }
}
