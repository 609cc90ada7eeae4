import type { VernalError } from "@vernal/websocket";
import { noteCallSite } from "./call-site";
import { clearTimeout, elapsedSince, now, setLimit } from "./real-timers";

interface Waiter<T> {
  readonly resolve: (item: T) => void;
  readonly reject: (error: VernalError) => void;
  readonly timer: NodeJS.Timeout | undefined;
  readonly fail: Failure;
  readonly since: number;
}

/** Makes the error of a wait in vain: out of time, or ended. */
export type Failure = (reason: "timed out" | "ended", waitedMs: number) => VernalError;

/** What comes one after another and is asked for one after another, each with a limit. */
export class Arrivals<T> {
  readonly #all: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #taken = 0;
  #isEnded = false;

  /** Everything that has come, also what was taken. */
  get all(): readonly T[] {
    return this.#all;
  }

  /** How many were taken. */
  get taken(): number {
    return this.#taken;
  }

  /** What has come is not asked for any more. */
  skip(): void {
    this.#taken = this.#all.length;
  }

  add(item: T): void {
    this.#all.push(item);
    const waiter = this.#waiters.shift();
    if (waiter === undefined) return;
    clearTimeout(waiter.timer);
    this.#taken += 1;
    waiter.resolve(item);
  }

  /** Nothing more will come: whoever waits fails at once. */
  end(): void {
    this.#isEnded = true;
    for (const { timer, reject, fail, since } of this.#waiters.splice(0)) {
      clearTimeout(timer);
      reject(fail("ended", elapsedSince(since)));
    }
  }

  /** The next that was not taken yet. Several that wait are served in their order. */
  take(timeoutMs: number, fail: Failure): Promise<T> {
    if (this.#taken < this.#all.length) {
      this.#taken += 1;
      return Promise.resolve(this.#all[this.#taken - 1]!);
    }
    if (this.#isEnded) return Promise.reject(fail("ended", 0));
    const atCallSite = noteCallSite();
    const failAtCallSite: Failure = (...circumstances) => atCallSite(fail(...circumstances));
    return new Promise((resolve, reject) => {
      const timer = setLimit(timeoutMs, () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(failAtCallSite("timed out", timeoutMs));
      });
      const waiter = { resolve, reject, timer, fail: failAtCallSite, since: now() };
      this.#waiters.push(waiter);
    });
  }
}
