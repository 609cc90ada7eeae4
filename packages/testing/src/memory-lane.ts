import { setImmediate } from "./real-timers";

/** What is on its way at most, before a write has to wait: as much as Node reads at once. */
const ROOM_BYTES = 65_536;

/** Called once: when all of a write is on its way, or when it never will be. */
export type Written = (error?: Error | null) => void;

/** The side of a stream that reads. */
interface Receiver {
  readonly destroyed: boolean;
  push(chunk: Buffer | null): boolean;
  read(size: number): unknown;
}

/**
 * One direction of a connection in memory. What is written arrives in a later turn, in reads of up to 64 KiB, one in a turn;
 * while the receiver does not read, up to 64 KiB are on their way and the rest waits with the writer.
 */
export class MemoryLane {
  readonly #receiver: Receiver;
  #chunks: Buffer[] = [];
  #byteLength = 0;
  /** The write that does not fit: at most one, because a stream makes one after the other. */
  #waiting: { rest: Buffer; readonly written: Written } | undefined;
  #isEnded = false;
  #isRead = true;
  #isDue = false;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** @param bytes nobody else changes them later. */
  write(bytes: Buffer, written: Written): void {
    this.#waiting = { rest: bytes, written };
    this.#admit();
  }

  /** Nothing more will be written; what is on its way still arrives. */
  end(): void {
    this.#isEnded = true;
    this.#deliverLater();
  }

  /** The receiver wants more. */
  read(): void {
    this.#isRead = true;
    this.#deliverLater();
  }

  /** The write that waits will never be on its way. */
  abandon(error: Error | null): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.written(error);
  }

  /** What is on its way is lost. */
  lose(): void {
    this.#chunks = [];
    this.#byteLength = 0;
  }

  #admit(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const part = waiting.rest.subarray(0, ROOM_BYTES - this.#byteLength);
    this.#chunks.push(part);
    this.#byteLength += part.length;
    this.#deliverLater();
    if (part.length < waiting.rest.length) waiting.rest = waiting.rest.subarray(part.length);
    else this.abandon(null);
  }

  #deliverLater(): void {
    if (this.#isDue || !this.#isRead || (this.#byteLength === 0 && !this.#isEnded)) return;
    this.#isDue = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#isDue = false;
    if (this.#receiver.destroyed) return;
    if (this.#byteLength > 0) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.lose();
      this.#isRead = false;
      // In the middle of this it may ask for more.
      if (this.#receiver.push(bytes)) this.#isRead = true;
      this.#admit();
      this.#deliverLater();
    } else if (this.#isEnded) {
      this.#isRead = false;
      this.#receiver.push(null);
      // As Node does it for sockets: the end comes also to who does not read, such as a server that is asked for a handshake.
      this.#receiver.read(0);
    }
  }
}
