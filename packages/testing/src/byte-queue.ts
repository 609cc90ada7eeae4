/** Bytes that come in pieces and are taken in others. Each is copied a few times, however small the pieces are. */
export class ByteQueue {
  #buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get byteLength(): number {
    return this.#end - this.#start;
  }

  /** What is there, until the next `add`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  add(piece: Buffer): void {
    if (this.byteLength === 0) this.#start = this.#end = 0;
    if (this.#end + piece.length > this.#buffer.length) this.#makeRoom(piece.length);
    this.#end += piece.copy(this.#buffer, this.#end);
  }

  /** Takes the first `byteLength` bytes away. */
  skip(byteLength: number): void {
    this.#start += byteLength;
  }

  #makeRoom(byteLength: number): void {
    const { bytes } = this;
    const larger = Buffer.allocUnsafeSlow(2 * (bytes.length + byteLength));
    this.#end = bytes.copy(larger);
    this.#start = 0;
    this.#buffer = larger;
  }
}
