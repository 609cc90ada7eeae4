const FIN = 0x80;
const MASKED = 0x80;
const CONTROL = 0x08;

/**
 * Follows the bytes of a peer far enough to know whether a message is unfinished (RFC 6455 section 5.2), which ws does
 * not tell. What breaks the protocol is the affair of ws, which has ended the session by then.
 */
export class FrameBoundaries {
  /** Changes whenever the stream has been at a boundary between messages. */
  finished = 0;
  #headerLength = 0;
  #headerNeeded = 2;
  #lengthEnd = 2;
  #firstByte = 0;
  #payloadLength = 0;
  #payloadLeft = 0;
  #inFragments = false;

  get isUnfinished(): boolean {
    return this.#payloadLeft > 0 || this.#headerLength > 0 || this.#inFragments;
  }

  take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
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
  }

  #takeHeaderByte(byte: number): void {
    if (this.#headerLength === 0) {
      this.#firstByte = byte;
      this.#headerNeeded = 2;
    } else if (this.#headerLength === 1) {
      const length = byte & 0x7f;
      const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
      this.#payloadLength = extended === 0 ? length : 0;
      this.#lengthEnd = 2 + extended;
      this.#headerNeeded = this.#lengthEnd + ((byte & MASKED) === 0 ? 0 : 4);
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
    if (!this.#inFragments) this.finished += 1;
  }
}
