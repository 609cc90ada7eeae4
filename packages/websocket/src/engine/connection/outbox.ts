import type { Duplex } from "node:stream";
import type { ConnectionLimits } from "../../options";
import type { Sendable } from "../../message";
import { setImmediate } from "./event-loop";
import { frameLengthOf, frameOf, frameOpcode, lengthOf, opcodeOf, payloadOf, type Frame } from "./frame";
import { Queue } from "./queue";
import { flushAtTickEnd, type Flushable } from "./tick-end";
import type { Wire, Written } from "./wire";

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
  frameSent(opcode: number, payloadLength: number): void;
  /** So many frames were given up. */
  framesDropped(count: number): void;
  /** So many bytes wait now. */
  bytesWait(bufferedAmount: number): void;
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
export class Outbox implements Flushable {
  readonly #owner: OutboxOwner;
  readonly #socket: Duplex;
  readonly #wire: Wire;
  /** Bytes of the write that is being put together or is on its way; 0 if there is none. */
  #writeBytes = 0;
  /** Callbacks that the write still waits for. */
  #unwritten = 0;
  /** The tick in which the write is put together is not over. */
  #isGathering = false;
  /** A read is worked through; what is sent meanwhile leaves when it is, which spares Node a tick. */
  #isReading = false;
  /** What waits for the write; never empty. */
  #backlog: Queue<Frame> | undefined;
  /** What waits behind that, above the high-water mark, and may be dropped; never empty. */
  #droppable: Queue<Frame> | undefined;
  #backlogBytes = 0;
  /** All bytes that were ever taken, less those that were dropped. */
  #taken = 0;
  /** What had been taken at the end of the last tick that began with nothing waiting: its burst may take its time. */
  #burstEnd = 0;
  #isWatched = false;
  #drain: Drain | undefined;
  /** In place of the one above for what may be dropped. */
  #drains: Map<Frame, Drain> | undefined;
  #onWritten: Written | undefined;

  constructor(owner: OutboxOwner, socket: Duplex, wire: Wire) {
    this.#owner = owner;
    this.#socket = socket;
    this.#wire = wire;
  }

  get bufferedAmount(): number {
    return this.#wire.bufferedAmount + this.#backlogBytes;
  }

  /** What of it waits for the peer, and not for this side. */
  get waitingForPeer(): number {
    return this.#wire.isWaitingForPeer ? this.bufferedAmount : 0;
  }

  /** Bytes that the operating system has taken so far. */
  get writtenBytes(): number {
    const { bytesWritten, writableLength } = this.#socket as Duplex & { readonly bytesWritten: number };
    return bytesWritten - writableLength;
  }

  get hasBacklog(): boolean {
    return this.#waiting !== undefined;
  }

  /** Sends a message over an open connection, with the promise of `sendMessage`; throws for what is none. */
  send(message: Sendable): Promise<boolean> {
    const payload = payloadOf(message);
    const payloadLength = lengthOf(payload);
    const opcode = opcodeOf(message);
    const byteLength = frameLengthOf(payloadLength);
    this.#taken += byteLength;
    if (this.#mayGather(byteLength)) {
      this.#writeBytes += byteLength;
      this.#expect(this.#wire.writePayload(opcode, payload, payloadLength, this.#written));
      this.#owner.frameSent(opcode, payloadLength);
      return this.#answer(this.#note());
    }
    const frame = frameOf(opcode, payload, payloadLength);
    const mayBeDropped = this.#keepBack(frame);
    const bufferedAmount = this.#note();
    return mayBeDropped && this.#owner.isWritable ? this.#newDrainOf(frame) : this.#answer(bufferedAmount);
  }

  /** Takes a frame of an open connection. */
  deliver(frame: Frame): void {
    this.#taken += frame.byteLength;
    if (this.#mayGather(frame.byteLength)) this.#write(frame);
    else this.#keepBack(frame);
    this.#note();
  }

  /** The connection has ended or is past sending: what is kept back is lost. */
  discard(): void {
    this.#owner.framesDropped((this.#backlog?.length ?? 0) + (this.#droppable?.length ?? 0));
    this.#backlog = undefined;
    this.#droppable = undefined;
    this.#taken -= this.#backlogBytes;
    this.#backlogBytes = 0;
    this.#settleDrains(false);
  }

  /** Drops the oldest of what may be dropped until the rest is within the limit; the newest stays. Says how many. */
  dropOldest(): number {
    const { sendBufferLimitBytes } = this.#owner.limits;
    this.#burstEnd = 0;
    const droppable = this.#droppable;
    let count = 0;
    while (droppable !== undefined && droppable.length > 1 && this.bufferedAmount > sendBufferLimitBytes) {
      const frame = droppable.shift()!;
      this.#backlogBytes -= frame.byteLength;
      this.#taken -= frame.byteLength;
      this.#settle(frame, false);
      count += 1;
    }
    this.#owner.framesDropped(count);
    return count;
  }

  /** A message has come, out of a read whose end `endRead` will tell. */
  beginRead(): void {
    this.#isReading = this.#wire.isInStep;
  }

  endRead(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    if (this.#isGathering) this.flush();
  }

  /** The end of a tick in which something was sent. */
  flush(): void {
    this.#isGathering = false;
    this.#burstEnd = this.#taken;
    this.#expect(this.#wire.flush(this.#written));
  }

  /** Somebody else writes to the socket now: what was sent before goes first. */
  flushEarly(): void {
    this.#expect(this.#wire.flushEarly(this.#written));
  }

  /** A full turn of the event loop after too much waited: what was sent before `mark` and waits still is too slow. */
  judgeBuffer(mark: number): void {
    this.#isWatched = false;
    const { sendBufferLimitBytes } = this.#owner.limits;
    const behindBurst = this.#behindBurst;
    if (!this.#owner.isWritable || behindBurst <= sendBufferLimitBytes) return;
    // The end of a write is the next occasion.
    if (!this.#wire.isWaitingForPeer) return;
    const sentLater = this.#taken - mark;
    if (behindBurst - sentLater > sendBufferLimitBytes) {
      this.#owner.outboxOverflowed("sendBufferLimitBytes");
    } else {
      this.#watch();
    }
  }

  /** The bytes that wait, less what is left of the burst before them. */
  get #behindBurst(): number {
    if (this.#isGathering) return 0;
    const { bufferedAmount } = this;
    const burst = this.#burstEnd - (this.#taken - bufferedAmount);
    return burst > 0 ? bufferedAmount - burst : bufferedAmount;
  }

  #boundBuffer(): void {
    const { sendBufferLimitBytes, maxBurstBytes } = this.#owner.limits;
    if (this.bufferedAmount > sendBufferLimitBytes + maxBurstBytes) {
      this.#owner.outboxOverflowed("maxBurstBytes");
    } else if (!this.#isWatched && this.#behindBurst > sendBufferLimitBytes) {
      this.#watch();
    }
  }

  #watch(): void {
    this.#isWatched = true;
    setImmediate(waitOneTurn, this, this.#taken);
  }

  /** Whether it may join what leaves at the end of this tick, or begin it. */
  #mayGather(byteLength: number): boolean {
    if (this.#writeBytes === 0) {
      this.#isGathering = true;
      if (!this.#isReading) flushAtTickEnd(this);
      return true;
    }
    return this.#isGathering && this.#waiting === undefined && this.#fits(byteLength);
  }

  #fits(byteLength: number): boolean {
    return this.#writeBytes + byteLength <= MAX_WRITE_BYTES;
  }

  #write(frame: Frame): void {
    this.#writeBytes += frame.byteLength;
    this.#expect(this.#wire.write(frame, this.#written));
    this.#owner.frameSent(frameOpcode(frame), frame.payloadLength);
  }

  /** A method, because what the wire does can come back here: `+=` would read before, and write behind. */
  #expect(calls: number): void {
    this.#unwritten += calls;
  }

  get #written(): Written {
    return (this.#onWritten ??= (error) => this.#finishWrite(error));
  }

  /** Notes what waits now, and says how much it is. */
  #note(): number {
    const { bufferedAmount } = this;
    this.#owner.bytesWait(bufferedAmount);
    if (bufferedAmount > this.#owner.limits.sendBufferLimitBytes) this.#boundBuffer();
    return bufferedAmount;
  }

  #answer(bufferedAmount: number): Promise<boolean> {
    if (!this.#owner.isWritable) return NOT_SENT;
    if (bufferedAmount <= HIGH_WATER_MARK_BYTES) return SENT;
    return (this.#drain ??= newDrain()).promise;
  }

  #newDrainOf(frame: Frame): Promise<boolean> {
    const drain = newDrain();
    (this.#drains ??= new Map()).set(frame, drain);
    return drain.promise;
  }

  #finishWrite(error: Error | null | undefined): void {
    this.#unwritten -= 1;
    const hasEnded = Boolean(error) || this.#socket.destroyed;
    // Those that are still to come after an end find nothing to do.
    if (this.#unwritten > 0 && !hasEnded) return;
    this.#writeBytes = 0;
    // Node reports some writes that a destroyed socket never took without an error.
    if (hasEnded || (this.#waiting !== undefined && !this.#owner.isWritable)) {
      this.discard();
      return;
    }
    if (this.#waiting !== undefined) this.#writeWaiting();
    const { bufferedAmount } = this;
    const { overflowStrategy, sendBufferLimitBytes } = this.#owner.limits;
    // Where nothing of ours is left, what waits was sent past us, and nobody would tell when it is gone.
    if (bufferedAmount <= HIGH_WATER_MARK_BYTES || this.#writeBytes === 0) this.#settleDrains(true);
    // Behind what may be dropped the mark may never be reached.
    else if (overflowStrategy === "drop") this.#settleShared(true);
    if (bufferedAmount > sendBufferLimitBytes) this.#boundBuffer();
  }

  #writeWaiting(): void {
    do {
      const frame = this.#shift();
      this.#write(frame);
      this.#settle(frame, true);
    } while (this.#waiting !== undefined && this.#fits(this.#waiting.first!.byteLength));
    this.#expect(this.#wire.flush(this.#written));
    if (this.#waiting === undefined) this.#owner.backlogLeft();
  }

  /** The frames that go next; `undefined` if none wait. */
  get #waiting(): Queue<Frame> | undefined {
    return this.#backlog ?? this.#droppable;
  }

  /** Says whether it may be dropped: what was answered with `true` may not, nor what stands before such. */
  #keepBack(frame: Frame): boolean {
    const isAbove = this.bufferedAmount + frame.byteLength > HIGH_WATER_MARK_BYTES;
    this.#backlogBytes += frame.byteLength;
    const mayBeDropped =
      this.#owner.limits.overflowStrategy === "drop" && (isAbove || this.#droppable !== undefined);
    if (mayBeDropped) (this.#droppable ??= new Queue()).push(frame);
    else (this.#backlog ??= new Queue()).push(frame);
    return mayBeDropped;
  }

  #shift(): Frame {
    const queue = this.#waiting!;
    const frame = queue.shift()!;
    this.#backlogBytes -= frame.byteLength;
    if (this.#backlog?.length === 0) this.#backlog = undefined;
    if (this.#droppable?.length === 0) this.#droppable = undefined;
    return frame;
  }

  /** What may be dropped is answered when it is on its way, or dropped. */
  #settle(frame: Frame, sent: boolean): void {
    const drain = this.#drains?.get(frame);
    if (drain === undefined) return;
    this.#drains!.delete(frame);
    drain.settle(sent);
  }

  #settleShared(sent: boolean): void {
    this.#drain?.settle(sent);
    this.#drain = undefined;
  }

  #settleDrains(sent: boolean): void {
    this.#settleShared(sent);
    for (const drain of this.#drains?.values() ?? []) drain.settle(sent);
    this.#drains = undefined;
  }
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
