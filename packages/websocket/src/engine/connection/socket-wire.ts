import type { Duplex } from "node:stream";
import { nextTick } from "./event-loop";
import { frameLengthOf, frameOf, MERGE_LIMIT_BYTES, type Frame, type Payload } from "./frame";
import { Scratch, type ScratchUser } from "./scratch";
import type { Wire, Written } from "./wire";

const SMALL_FRAME_BYTES = frameLengthOf(MERGE_LIMIT_BYTES);

const ENDED = new Error("The peer has ended the connection");

const scratch = new Scratch();

/** The socket itself: for frames as they stand, of a server and uncompressed. Small ones leave in one buffer. */
export class SocketWire implements Wire, ScratchUser {
  readonly isInStep = true;
  readonly #socket: Duplex;
  /** What stands before that which is in the scratch. */
  #chunks: Buffer[] | undefined;
  /** Bytes of both. */
  #gathered = 0;
  #isCorked = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Bytes that the socket does not know of yet. */
  get gatheredBytes(): number {
    return this.#gathered;
  }

  get bufferedAmount(): number {
    return this.#gathered + this.#socket.writableLength;
  }

  get isWaitingForPeer(): boolean {
    return true;
  }

  write(frame: Frame): number {
    if (scratch.isUsedBy(this)) this.leaveScratch();
    const chunks = (this.#chunks ??= []);
    chunks.push(frame.head);
    if (frame.body !== undefined) chunks.push(frame.body);
    this.#gathered += frame.byteLength;
    return 0;
  }

  writePayload(opcode: number, payload: Payload, payloadLength: number): number {
    if (payloadLength > MERGE_LIMIT_BYTES) return this.write(frameOf(opcode, payload, payloadLength));
    scratch.append(this, opcode, payload, payloadLength);
    this.#gathered += frameLengthOf(payloadLength);
    return 0;
  }

  flush(written: Written): number {
    const writes = this.#handOver(written);
    if (this.#isCorked) {
      this.#isCorked = false;
      this.#socket.uncork();
    }
    return writes;
  }

  flushEarly(written: Written): number {
    if (this.#gathered === 0) return 0;
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
    }
    return this.#handOver(written);
  }

  leaveScratch(): void {
    (this.#chunks ??= []).push(scratch.take());
  }

  #handOver(written: Written): number {
    if (this.#gathered === 0) return 0;
    this.#gathered = 0;
    if (this.#chunks === undefined) {
      this.#write(scratch.take(), written);
    } else {
      if (scratch.isUsedBy(this)) this.leaveScratch();
      const chunks = mergeSmall(this.#chunks);
      this.#chunks = undefined;
      this.#writeAll(chunks, written);
    }
    return 1;
  }

  #writeAll(chunks: readonly Buffer[], written: Written): void {
    if (chunks.length > 1) this.#socket.cork();
    const last = chunks.length - 1;
    for (let index = 0; index < last; index += 1) this.#write(chunks[index]!, undefined);
    this.#write(chunks[last]!, written);
    if (chunks.length > 1) this.#socket.uncork();
  }

  #write(chunk: Buffer, written: Written | undefined): void {
    // ws ends the socket of its own accord when the peer has; a write would be an error of the transport then.
    if (!this.#socket.writableEnded) this.#socket.write(chunk, written);
    else if (written !== undefined) nextTick(written, ENDED);
  }
}

/** Neighbours that are small become one. */
function mergeSmall(chunks: Buffer[]): Buffer[] {
  if (chunks.length === 1) return chunks;
  const merged: Buffer[] = [];
  let first = 0;
  while (first < chunks.length) {
    let end = first;
    let length = 0;
    while (end < chunks.length && chunks[end]!.length <= SMALL_FRAME_BYTES) {
      length += chunks[end]!.length;
      end += 1;
    }
    if (end - first > 1) {
      merged.push(Buffer.concat(chunks.slice(first, end), length));
      first = end;
    } else {
      merged.push(chunks[first]!);
      first += 1;
    }
  }
  return merged;
}
