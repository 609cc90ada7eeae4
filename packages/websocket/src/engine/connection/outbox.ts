import type { Duplex } from "node:stream";
import type { Frame } from "./frame";

/** The most bytes that wait before `send` answers with a promise to wait for. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;
/** The most bytes of one write; a larger frame is a write of its own. Small writes make progress visible. */
const MAX_WRITE_BYTES = 64 * 1024;

const SENT = Promise.resolve(true);
export const NOT_SENT = Promise.resolve(false);

/** What an outbox asks of its connection. */
export interface OutboxOwner {
  /** Whether a data frame may still go on the wire: no close frame went out or came in. */
  readonly isWritable: boolean;
  /** Nothing is kept back any more. */
  backlogLeft(): void;
}

interface Drain {
  readonly promise: Promise<boolean>;
  readonly settle: (sent: boolean) => void;
}

/**
 * The way out of one connection. The frames of one turn leave in one write of up to 64 KiB; while it is unfinished the
 * rest is kept here and not in the socket, where Node would merge it into one write without end.
 */
export class Outbox {
  readonly #owner: OutboxOwner;
  readonly #socket: Duplex;
  /** Bytes of the write that is being put together or is on its way; 0 if there is none. */
  #writeBytes = 0;
  #corked = false;
  /** What waits for the write, from `#next` on; never empty. */
  #backlog: Frame[] | undefined;
  #next = 0;
  #backlogBytes = 0;
  #drain: Drain | undefined;
  #onWritten: ((error?: Error | null) => void) | undefined;

  constructor(owner: OutboxOwner, socket: Duplex) {
    this.#owner = owner;
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.writableLength + this.#backlogBytes;
  }

  get hasBacklog(): boolean {
    return this.#backlog !== undefined;
  }

  /** Like `deliver`, with the promise of `sendMessage`. */
  send(frame: Frame): Promise<boolean> {
    this.deliver(frame);
    if (this.bufferedAmount <= HIGH_WATER_MARK_BYTES) return SENT;
    return (this.#drain ??= newDrain()).promise;
  }

  /** Takes a frame of an open connection. */
  deliver(frame: Frame): void {
    if (this.#writeBytes === 0) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(uncork, this);
      this.#write(frame);
    } else if (this.#corked && this.#backlog === undefined && this.#fits(frame)) {
      this.#write(frame);
    } else {
      (this.#backlog ??= []).push(frame);
      this.#backlogBytes += frame.byteLength;
    }
  }

  /** The connection has ended or is past sending: what is kept back is lost. */
  discard(): void {
    this.#backlog = undefined;
    this.#next = 0;
    this.#backlogBytes = 0;
    this.#settleDrain(false);
  }

  uncork(): void {
    this.#corked = false;
    this.#socket.uncork();
  }

  #fits(frame: Frame): boolean {
    return this.#writeBytes + frame.byteLength <= MAX_WRITE_BYTES;
  }

  #write(frame: Frame): void {
    // One callback for the whole write: all that is corked together finishes together, by the socket's writev.
    if (this.#writeBytes === 0) {
      this.#onWritten ??= (error) => this.#finishWrite(error);
      this.#socket.write(frame.head, this.#onWritten);
    } else {
      this.#socket.write(frame.head);
    }
    if (frame.body !== undefined) this.#socket.write(frame.body);
    this.#writeBytes += frame.byteLength;
  }

  #finishWrite(error: Error | null | undefined): void {
    this.#writeBytes = 0;
    // Node reports some writes that a destroyed socket never took without an error.
    if (error || this.#socket.destroyed || (this.#backlog !== undefined && !this.#owner.isWritable)) {
      this.discard();
      return;
    }
    if (this.#backlog !== undefined) this.#writeBacklog(this.#backlog);
    if (this.bufferedAmount <= HIGH_WATER_MARK_BYTES) this.#settleDrain(true);
  }

  #writeBacklog(backlog: Frame[]): void {
    this.#socket.cork();
    do {
      this.#write(backlog[this.#next]!);
      this.#next += 1;
    } while (this.#next < backlog.length && this.#fits(backlog[this.#next]!));
    this.#socket.uncork();

    this.#backlogBytes -= this.#writeBytes;
    if (this.#next === backlog.length) {
      this.#backlog = undefined;
      this.#next = 0;
      this.#owner.backlogLeft();
    }
  }

  #settleDrain(sent: boolean): void {
    this.#drain?.settle(sent);
    this.#drain = undefined;
  }
}

function uncork(outbox: Outbox): void {
  outbox.uncork();
}

function newDrain(): Drain {
  let settle!: Drain["settle"];
  const promise = new Promise<boolean>((resolve) => (settle = resolve));
  return { promise, settle };
}
