import type { Duplex } from "node:stream";
import type { ConnectionLimits } from "../../options";
import type { Frame } from "./frame";
import { Queue } from "./queue";
import type { Wire } from "./wire";

/** The most bytes that wait before `send` answers with a promise to wait for. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;
/** The most bytes of one write; a larger frame is a write of its own. Small writes make progress visible. */
const MAX_WRITE_BYTES = 64 * 1024;

const SENT = Promise.resolve(true);
export const NOT_SENT = Promise.resolve(false);

/** The bounds that an outbox keeps. */
export type OutboundLimit = "sendBufferLimitBytes" | "maxBurstBytes";

/** What an outbox asks of its connection. */
export interface OutboxOwner {
  readonly limits: ConnectionLimits;
  /** Whether a data frame may still go on the wire: no close frame went out or came in. */
  readonly isWritable: boolean;
  /** A frame is on its way. */
  frameSent(payloadLength: number): void;
  /** So many frames were given up. */
  framesDropped(count: number): void;
  /** So many bytes wait for the peer. */
  framesKeptBack(bufferedAmount: number): void;
  /** Too much waits; what becomes of it says `overflowStrategy`. */
  outboxOverflowed(limit: OutboundLimit): void;
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
  readonly #wire: Wire;
  /** Bytes of the write that is being put together or is on its way; 0 if there is none. */
  #writeBytes = 0;
  /** Callbacks that the write still waits for. */
  #unwritten = 0;
  #corked = false;
  /** What waits for the write; never empty. */
  #backlog: Queue<Frame> | undefined;
  #backlogBytes = 0;
  /** All bytes that were ever taken, less those that were dropped. */
  #taken = 0;
  #isWatched = false;
  #drain: Drain | undefined;
  /** In place of the one above where some of the frames may be dropped. */
  #drains: Map<Frame, Drain> | undefined;
  #onWritten: ((error?: Error | null) => void) | undefined;

  constructor(owner: OutboxOwner, socket: Duplex, wire: Wire) {
    this.#owner = owner;
    this.#socket = socket;
    this.#wire = wire;
  }

  get bufferedAmount(): number {
    return this.#wire.bufferedAmount + this.#backlogBytes;
  }

  /** Bytes that the operating system has taken so far. */
  get writtenBytes(): number {
    const { bytesWritten, writableLength } = this.#socket as Duplex & { readonly bytesWritten: number };
    return bytesWritten - writableLength;
  }

  get hasBacklog(): boolean {
    return this.#backlog !== undefined;
  }

  /** Like `deliver`, with the promise of `sendMessage`. */
  send(frame: Frame): Promise<boolean> {
    this.deliver(frame);
    if (!this.#owner.isWritable) return NOT_SENT;
    if (this.bufferedAmount <= HIGH_WATER_MARK_BYTES) return SENT;
    if (this.#owner.limits.overflowStrategy === "terminate") return (this.#drain ??= newDrain()).promise;
    const drain = newDrain();
    (this.#drains ??= new Map()).set(frame, drain);
    return drain.promise;
  }

  /** Takes a frame of an open connection. */
  deliver(frame: Frame): void {
    this.#taken += frame.byteLength;
    if (this.#writeBytes === 0) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(uncork, this);
      this.#write(frame);
    } else if (this.#corked && this.#backlog === undefined && this.#fits(frame)) {
      this.#write(frame);
    } else {
      (this.#backlog ??= new Queue()).push(frame);
      this.#backlogBytes += frame.byteLength;
      this.#owner.framesKeptBack(this.bufferedAmount);
    }
    if (this.bufferedAmount > this.#owner.limits.sendBufferLimitBytes) this.#boundBuffer();
  }

  /** The connection has ended or is past sending: what is kept back is lost. */
  discard(): void {
    if (this.#backlog !== undefined) this.#owner.framesDropped(this.#backlog.length);
    this.#backlog = undefined;
    this.#taken -= this.#backlogBytes;
    this.#backlogBytes = 0;
    this.#settleDrains(false);
  }

  /** Drops the oldest of what is kept back until the rest is within the limit, or is little; the newest stays. */
  dropOldest(): void {
    const { sendBufferLimitBytes } = this.#owner.limits;
    while (
      this.#backlog !== undefined &&
      this.#backlog.length > 1 &&
      this.#backlogBytes > HIGH_WATER_MARK_BYTES &&
      this.bufferedAmount > sendBufferLimitBytes
    ) {
      const frame = this.#shift(this.#backlog);
      this.#taken -= frame.byteLength;
      this.#drains?.get(frame)?.settle(false);
      this.#drains?.delete(frame);
      this.#owner.framesDropped(1);
    }
  }

  uncork(): void {
    this.#corked = false;
    this.#socket.uncork();
  }

  /** A full turn of the event loop after too much waited: what was sent before `mark` and waits still is too slow. */
  judgeBuffer(mark: number): void {
    this.#isWatched = false;
    const { sendBufferLimitBytes } = this.#owner.limits;
    const { bufferedAmount } = this;
    if (!this.#owner.isWritable || bufferedAmount <= sendBufferLimitBytes) return;
    const sentLater = this.#taken - mark;
    if (this.#wire.isWaitingForPeer && bufferedAmount - sentLater > sendBufferLimitBytes) {
      this.#owner.outboxOverflowed("sendBufferLimitBytes");
    } else {
      this.#watch();
    }
  }

  #boundBuffer(): void {
    const { sendBufferLimitBytes, maxBurstBytes } = this.#owner.limits;
    if (this.bufferedAmount > sendBufferLimitBytes + maxBurstBytes) {
      this.#owner.outboxOverflowed("maxBurstBytes");
    } else if (!this.#isWatched) {
      this.#watch();
    }
  }

  #watch(): void {
    this.#isWatched = true;
    setImmediate(waitOneTurn, this, this.#taken);
  }

  #fits(frame: Frame): boolean {
    return this.#writeBytes + frame.byteLength <= MAX_WRITE_BYTES;
  }

  #write(frame: Frame): void {
    // One callback where all that is corked together finishes together, by the socket's writev.
    if (this.#writeBytes === 0 || !this.#wire.writesAtOnce) {
      this.#unwritten += 1;
      this.#onWritten ??= (error) => this.#finishWrite(error);
      this.#wire.write(frame, this.#onWritten);
    } else {
      this.#wire.write(frame, undefined);
    }
    this.#writeBytes += frame.byteLength;
    this.#owner.frameSent(frame.payloadLength);
  }

  #finishWrite(error: Error | null | undefined): void {
    this.#unwritten -= 1;
    const hasEnded = Boolean(error) || this.#socket.destroyed;
    if (this.#unwritten > 0 && !hasEnded) return;
    this.#writeBytes = 0;
    // Node reports some writes that a destroyed socket never took without an error.
    if (hasEnded || (this.#backlog !== undefined && !this.#owner.isWritable)) {
      this.discard();
      return;
    }
    if (this.#backlog !== undefined) this.#writeBacklog(this.#backlog);
    if (this.bufferedAmount <= HIGH_WATER_MARK_BYTES) this.#settleDrains(true);
  }

  #writeBacklog(backlog: Queue<Frame>): void {
    this.#socket.cork();
    do this.#write(this.#shift(backlog));
    while (this.#backlog !== undefined && this.#fits(backlog.first!));
    this.#socket.uncork();
    if (this.#backlog === undefined) this.#owner.backlogLeft();
  }

  #shift(backlog: Queue<Frame>): Frame {
    const frame = backlog.shift()!;
    this.#backlogBytes -= frame.byteLength;
    if (backlog.length === 0) this.#backlog = undefined;
    return frame;
  }

  #settleDrains(sent: boolean): void {
    this.#drain?.settle(sent);
    this.#drain = undefined;
    for (const drain of this.#drains?.values() ?? []) drain.settle(sent);
    this.#drains = undefined;
  }
}

function uncork(outbox: Outbox): void {
  outbox.uncork();
}

// A turn has to pass whole, with its reading and writing.
function waitOneTurn(outbox: Outbox, mark: number): void {
  setImmediate(judgeBuffer, outbox, mark);
}

function judgeBuffer(outbox: Outbox, mark: number): void {
  outbox.judgeBuffer(mark);
}

function newDrain(): Drain {
  let settle!: Drain["settle"];
  const promise = new Promise<boolean>((resolve) => (settle = resolve));
  return { promise, settle };
}
