import type { CloseStatus } from "../../close-status";
import type { WebSocketMessage } from "../../message";
import type { ConnectionLimits } from "../../options";
import type { WebSocketHandler } from "../../websocket-handler";
import type { WebSocketSession } from "../../websocket-session";
import { setImmediate } from "./event-loop";
import { Queue } from "./queue";
import { currentTurn } from "./turn";
import { NEVER } from "./vitals";

export type CallbackName = keyof WebSocketHandler;

/** What an inbox asks of its connection, which is also the session that the callbacks get. */
export interface InboxOwner extends WebSocketSession {
  readonly limits: ConnectionLimits;
  /** The time, coarsely. */
  readonly now: number;
  callbackFailed(callback: CallbackName, error: unknown): void;
  /** So many messages, text or binary, will not be delivered. */
  messagesDiscarded(count: number): void;
  /** As much waits as this limit lets: read no more. */
  pauseReading(limit: InboundLimit): void;
  resumeReading(): void;
  /** More has come than pausing can keep out. What waited is gone. */
  inboxOverflowed(): void;
  /** After `finish`, all that waited is done. */
  callbacksFinished(): void;
  /** The last callback has settled. */
  callbacksSettled(): void;
}

/** The bounds that an inbox keeps. */
export type InboundLimit = "maxPendingMessages" | "maxPendingBytes";

interface TransportFailure {
  readonly kind: "failure";
  readonly error: Error;
}

type Waiting = WebSocketMessage | TransportFailure;

/** What one read of the socket brings at most. */
const ONE_READ_BYTES = 64 * 1024;
/**
 * How many callbacks of one session go by between two looks at whether the event loop has turned. In the worst case one
 * turn gets these and half as many before them: 61, below the 64 that a session may have before others get their turn.
 */
const CALLS_PER_LOOK = 40;

/** The way in of one connection: its callbacks, one at a time, in the order of the wire. */
export class Inbox {
  readonly #owner: InboxOwner;
  readonly #handler: WebSocketHandler;
  /** What waits for the running callback; never empty. */
  #waiting: Queue<Waiting> | undefined;
  #waitingBytes = 0;
  /** A callback runs, or the rest is left for the next turn. */
  #isBusy = false;
  #running: CallbackName = "afterConnectionEstablished";
  #runningSince = NEVER;
  #turn = NEVER;
  #calls = 0;
  #pausedSince = NEVER;
  #finishing = false;
  #discarding = false;
  #discarded = 0;
  #failureSeen = false;
  #status: CloseStatus | undefined;
  #closedCalled = false;
  /** Another number for each callback that was given up. */
  #abandoned = 0;

  constructor(owner: InboxOwner, handler: WebSocketHandler) {
    this.#owner = owner;
    this.#handler = handler;
  }

  /** How many messages arrived and were not delivered, because this side was closing. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Whether what arrives is only counted. */
  get takesNothing(): boolean {
    return this.#discarding || this.#finishing;
  }

  get waitingCount(): number {
    return this.#waiting?.length ?? 0;
  }

  /** The callback that runs, or ran last. */
  get running(): CallbackName {
    return this.#running;
  }

  /** Since when a callback runs that has returned a promise; `NEVER` if none does. */
  get runningSince(): number {
    return this.#runningSince;
  }

  /** Since when the socket is paused, `NEVER` if it is not. */
  get pausedSince(): number {
    return this.#pausedSince;
  }

  /** The first callback. What arrives before it has settled waits. */
  open(): void {
    this.#isBusy = true;
    let result: unknown;
    try {
      result = this.#handler.afterConnectionEstablished(this.#owner);
    } catch (error) {
      this.#owner.callbackFailed("afterConnectionEstablished", error);
    }
    this.#continue(result);
  }

  accept(message: WebSocketMessage): void {
    if (this.takesNothing) this.discardOne(message.kind);
    else this.#take(message, message.payloadLength);
  }

  /** Counts what is not delivered. */
  discardOne(kind: Waiting["kind"]): void {
    if (kind !== "text" && kind !== "binary") return;
    this.#discarded += 1;
    this.#owner.messagesDiscarded(1);
  }

  /** Only the first one is delivered. */
  fail(error: Error): void {
    if (this.#discarding || this.#failureSeen) return;
    this.#failureSeen = true;
    this.#take({ kind: "failure", error }, 0);
  }

  /** This side has closed: what waits and what still comes is dropped, and the socket is read for the peer's close. */
  discard(): void {
    this.#discarding = true;
    this.#dropWaiting();
    this.#resume();
  }

  /** Takes no more messages; `callbacksFinished` follows when those that wait are done. */
  finish(): void {
    if (this.#finishing || this.#discarding) return;
    this.#finishing = true;
    this.#resume();
    if (!this.#isBusy) this.#owner.callbacksFinished();
  }

  /** Goes on without the callback that runs, whatever becomes of it. */
  abandon(): void {
    this.#abandoned += 1;
    this.#runningSince = NEVER;
    this.#continue(undefined);
  }

  /** The connection has ended: the last callback comes after all that waits. */
  end(status: CloseStatus): void {
    this.#status = status;
    this.#pausedSince = NEVER;
    if (!this.#isBusy) this.#continue(undefined);
  }

  /** Takes up what was left for this turn. */
  takeUp(): void {
    this.#continue(undefined);
  }

  #take(item: Waiting, bytes: number): void {
    if (!this.#isBusy && this.#mayCall()) {
      this.#continue(this.#call(item));
      return;
    }
    (this.#waiting ??= new Queue()).push(item);
    this.#waitingBytes += bytes;
    if (!this.#isBusy) this.#leaveForNextTurn();
    this.#boundWaiting();
  }

  #boundWaiting(): void {
    const { maxPendingMessages, maxPendingBytes, maxMessageBytes } = this.#owner.limits;
    if (this.#waitingBytes > 4 * maxPendingBytes + maxMessageBytes + ONE_READ_BYTES) {
      this.#dropWaiting();
      // It stays paused: what would come is inflated first, and only then dropped.
      this.#pausedSince = NEVER;
      this.#owner.inboxOverflowed();
      return;
    }
    if (this.#pausedSince !== NEVER || this.#finishing || this.#status !== undefined) return;
    if (this.waitingCount >= maxPendingMessages) this.#pause("maxPendingMessages");
    else if (this.#waitingBytes >= maxPendingBytes) this.#pause("maxPendingBytes");
  }

  /** Goes on when the callback that gave `result` has settled: at once where it was synchronous. */
  #continue(result: unknown): void {
    const pending = isPromiseLike(result) ? result : this.#callUntilPending();
    if (pending !== undefined) void this.#continueAfter(pending);
  }

  async #continueAfter(first: PromiseLike<unknown>): Promise<void> {
    const abandoned = this.#abandoned;
    let pending: PromiseLike<unknown> | undefined = first;
    while (pending !== undefined) {
      this.#isBusy = true;
      this.#runningSince = this.#owner.now;
      const callback = this.#running;
      try {
        await pending;
      } catch (error) {
        this.#owner.callbackFailed(callback, error);
      }
      if (abandoned !== this.#abandoned) return;
      this.#runningSince = NEVER;
      pending = this.#callUntilPending();
    }
  }

  /** Calls what waits, up to and including the first callback that is asynchronous. */
  #callUntilPending(): PromiseLike<unknown> | undefined {
    for (;;) {
      let result: unknown;
      if (this.#waiting !== undefined) {
        if (!this.#mayCall()) return this.#leaveForNextTurn();
        result = this.#call(this.#shift(this.#waiting));
      } else if (this.#status !== undefined && !this.#closedCalled) {
        result = this.#callClosed(this.#status);
      } else {
        this.#isBusy = false;
        if (this.#closedCalled) this.#owner.callbacksSettled();
        else if (this.#finishing && !this.#discarding) this.#owner.callbacksFinished();
        return undefined;
      }
      if (isPromiseLike(result)) return result;
    }
  }

  #leaveForNextTurn(): undefined {
    this.#isBusy = true;
    setImmediate(takeUp, this);
  }

  #mayCall(): boolean {
    this.#calls += 1;
    if (this.#calls === CALLS_PER_LOOK / 2) {
      this.#turn = currentTurn();
    } else if (this.#calls > CALLS_PER_LOOK) {
      if (currentTurn() === this.#turn) return false;
      this.#calls = 1;
    }
    return true;
  }

  #shift(waiting: Queue<Waiting>): Waiting {
    const item = waiting.shift()!;
    if (item.kind !== "failure") this.#waitingBytes -= item.payloadLength;
    if (waiting.length === 0) this.#waiting = undefined;
    const { maxPendingMessages, maxPendingBytes } = this.#owner.limits;
    if (this.waitingCount <= maxPendingMessages / 2 && this.#waitingBytes <= maxPendingBytes / 2)
      this.#resume();
    return item;
  }

  #pause(limit: InboundLimit): void {
    this.#pausedSince = this.#owner.now;
    this.#owner.pauseReading(limit);
  }

  #resume(): void {
    if (this.#pausedSince === NEVER) return;
    this.#owner.resumeReading();
    this.#pausedSince = NEVER;
  }

  #dropWaiting(): void {
    for (const { kind } of this.#waiting ?? []) this.discardOne(kind);
    this.#waiting = undefined;
    this.#waitingBytes = 0;
  }

  #call(item: Waiting): unknown {
    this.#isBusy = true;
    this.#running = item.kind === "failure" ? "handleTransportError" : "handleMessage";
    try {
      return item.kind === "failure"
        ? this.#handler.handleTransportError(this.#owner, item.error)
        : this.#handler.handleMessage(this.#owner, item);
    } catch (error) {
      this.#owner.callbackFailed(this.#running, error);
      return undefined;
    }
  }

  #callClosed(status: CloseStatus): unknown {
    this.#isBusy = true;
    this.#closedCalled = true;
    this.#running = "afterConnectionClosed";
    try {
      return this.#handler.afterConnectionClosed(this.#owner, status);
    } catch (error) {
      this.#owner.callbackFailed("afterConnectionClosed", error);
      return undefined;
    }
  }
}

function takeUp(inbox: Inbox): void {
  inbox.takeUp();
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
