const FIN = 0x80;
const MASKED = 0x80;
const CONTROL = 0x08;
const LENGTH = 0x7f;
const LENGTH_IN_TWO_BYTES = 126;
const LENGTH_IN_EIGHT_BYTES = 127;
const MASK_LENGTH = 4;

/**
 * Follows the bytes of a peer far enough to know whether a message is unfinished (RFC 6455 section 5.2), which ws does
 * not tell. What breaks the protocol is the affair of ws, which has ended the session by then.
 *
 * @param unfinished what the bytes before have left.
 * @returns what these leave; another object for each message, so that nobody has to count them.
 */
export function followFrames(
  unfinished: UnfinishedMessage | undefined,
  chunk: Buffer,
): UnfinishedMessage | undefined {
  let current = unfinished;
  let at = 0;
  for (;;) {
    if (current === undefined) {
      at = skipWholeMessages(chunk, at);
      if (at === chunk.length) return undefined;
      current = new UnfinishedMessage();
    }
    at = current.take(chunk, at);
    if (!current.isFinished) return current;
    current = undefined;
  }
}

/** Nearly every message comes whole and in one frame, and needs nothing that would have to be kept. */
function skipWholeMessages(chunk: Buffer, start: number): number {
  let at = start;
  while (at + 2 <= chunk.length) {
    const first = chunk[at]!;
    const second = chunk[at + 1]!;
    if ((first & (FIN | CONTROL)) === 0) return at;
    let length = second & LENGTH;
    let end = at + 2 + ((second & MASKED) === 0 ? 0 : MASK_LENGTH);
    if (length === LENGTH_IN_EIGHT_BYTES) return at;
    if (length === LENGTH_IN_TWO_BYTES) {
      if (at + 4 > chunk.length) return at;
      length = chunk[at + 2]! * 256 + chunk[at + 3]!;
      end += 2;
    }
    end += length;
    if (end > chunk.length) return at;
    at = end;
  }
  return at;
}

/** A message of which more has to come, or a control frame by itself. */
export class UnfinishedMessage {
  isFinished = false;
  #headerLength = 0;
  #headerNeeded = 2;
  #lengthEnd = 2;
  #firstByte = 0;
  #payloadLength = 0;
  #payloadLeft = 0;
  #inFragments = false;

  /** Takes its bytes from `at` on, and says where they end. */
  take(chunk: Buffer, start: number): number {
    let at = start;
    while (at < chunk.length && !this.isFinished) {
      if (this.#payloadLeft === 0) {
        this.#takeHeaderByte(chunk[at]!);
        at += 1;
      } else {
        const step = Math.min(this.#payloadLeft, chunk.length - at);
        at += step;
        this.#payloadLeft -= step;
        if (this.#payloadLeft === 0) this.#endFrame();
      }
    }
    return at;
  }

  #takeHeaderByte(byte: number): void {
    if (this.#headerLength === 0) {
      this.#firstByte = byte;
      this.#headerNeeded = 2;
    } else if (this.#headerLength === 1) {
      const length = byte & LENGTH;
      const extended = length === LENGTH_IN_TWO_BYTES ? 2 : length === LENGTH_IN_EIGHT_BYTES ? 8 : 0;
      this.#payloadLength = extended === 0 ? length : 0;
      this.#lengthEnd = 2 + extended;
      this.#headerNeeded = this.#lengthEnd + ((byte & MASKED) === 0 ? 0 : MASK_LENGTH);
    } else if (this.#headerLength < this.#lengthEnd) {
      this.#payloadLength = this.#payloadLength * 256 + byte;
    }
    this.#headerLength += 1;
    if (this.#headerLength < this.#headerNeeded) return;
    this.#headerLength = 0;
    this.#payloadLeft = this.#payloadLength;
    if (this.#payloadLeft === 0) this.#endFrame();
  }

  #endFrame(): void {
    const isControl = (this.#firstByte & CONTROL) !== 0;
    if (!isControl) this.#inFragments = (this.#firstByte & FIN) === 0;
    this.isFinished = !this.#inFragments;
  }
}
