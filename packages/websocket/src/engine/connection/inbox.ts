import type { CloseStatus } from "../../close-status";
import type { WebSocketMessage } from "../../message";
import type { WebSocketHandler } from "../../websocket-handler";
import type { WebSocketSession } from "../../websocket-session";

export type CallbackName = keyof WebSocketHandler;

/** What an inbox asks of its connection, which is also the session that the callbacks get. */
export interface InboxOwner extends WebSocketSession {
  callbackFailed(callback: CallbackName, error: unknown): void;
  /** The last callback has settled. */
  callbacksSettled(): void;
}

interface TransportFailure {
  readonly kind: "failure";
  readonly error: Error;
}

type Waiting = WebSocketMessage | TransportFailure;

/** The way in of one connection: its callbacks, one at a time, in the order of the wire. */
export class Inbox {
  readonly #owner: InboxOwner;
  readonly #handler: WebSocketHandler;
  /** What waits for the running callback, from `#next` on. */
  #waiting: Waiting[] | undefined;
  #next = 0;
  #running: CallbackName | undefined;
  #discarding = false;
  #discarded = 0;
  #failureSeen = false;
  #status: CloseStatus | undefined;
  #closedCalled = false;

  constructor(owner: InboxOwner, handler: WebSocketHandler) {
    this.#owner = owner;
    this.#handler = handler;
  }

  /** How many messages arrived and were not delivered, because this side had closed. */
  get discarded(): number {
    return this.#discarded;
  }

  /** The first callback. What arrives before it has settled waits. */
  open(): void {
    this.#running = "afterConnectionEstablished";
    let result: void | Promise<void> | undefined;
    try {
      result = this.#handler.afterConnectionEstablished(this.#owner);
    } catch (error) {
      this.#owner.callbackFailed("afterConnectionEstablished", error);
    }
    this.#continue(result);
  }

  accept(message: WebSocketMessage): void {
    if (this.#discarding) this.#discarded += 1;
    else this.#take(message);
  }

  /** Only the first one is delivered. */
  fail(error: Error): void {
    if (this.#discarding || this.#failureSeen) return;
    this.#failureSeen = true;
    this.#take({ kind: "failure", error });
  }

  /** This side has closed: what waits and what still comes is dropped. */
  discard(): void {
    this.#discarding = true;
    if (this.#waiting === undefined) return;
    for (let index = this.#next; index < this.#waiting.length; index += 1) {
      if (this.#waiting[index]!.kind !== "failure") this.#discarded += 1;
    }
    this.#waiting = undefined;
    this.#next = 0;
  }

  /** The connection has ended: the last callback comes after all that waits. */
  end(status: CloseStatus): void {
    this.#status = status;
    if (this.#running === undefined) this.#continue(undefined);
  }

  #take(item: Waiting): void {
    if (this.#running !== undefined) (this.#waiting ??= []).push(item);
    else this.#continue(this.#call(item));
  }

  /** Goes on when the callback that gave `result` has settled: at once where it was synchronous. */
  #continue(result: unknown): void {
    const pending = isPromiseLike(result) ? result : this.#callUntilPending();
    if (pending !== undefined) void this.#continueAfter(pending);
  }

  async #continueAfter(first: PromiseLike<unknown>): Promise<void> {
    let pending: PromiseLike<unknown> | undefined = first;
    while (pending !== undefined) {
      try {
        await pending;
      } catch (error) {
        this.#owner.callbackFailed(this.#running!, error);
      }
      pending = this.#callUntilPending();
    }
  }

  /** Calls what waits, up to and including the first callback that is asynchronous. */
  #callUntilPending(): PromiseLike<unknown> | undefined {
    for (;;) {
      const item = this.#shift();
      let result: unknown;
      if (item !== undefined) {
        result = this.#call(item);
      } else if (this.#status !== undefined && !this.#closedCalled) {
        result = this.#callClosed(this.#status);
      } else {
        this.#running = undefined;
        if (this.#closedCalled) this.#owner.callbacksSettled();
        return undefined;
      }
      if (isPromiseLike(result)) return result;
    }
  }

  #shift(): Waiting | undefined {
    if (this.#waiting === undefined) return undefined;
    const item = this.#waiting[this.#next]!;
    this.#next += 1;
    if (this.#next === this.#waiting.length) {
      this.#waiting = undefined;
      this.#next = 0;
    }
    return item;
  }

  #call(item: Waiting): unknown {
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

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
