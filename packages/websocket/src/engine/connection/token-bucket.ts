import type { MessageRate } from "../../options";

/** Says whether something that comes again and again comes too often. */
export class TokenBucket {
  readonly #rate: MessageRate;
  #tokens: number;
  #filledAt: number;
  #pausedAt = 0;

  /** @param now milliseconds of a clock that is the same for all calls. */
  constructor(rate: MessageRate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** Takes one; `false` if there is none. */
  take(now: number): boolean {
    this.#fill(now, this.#rate.burst);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Nobody reads what comes from now on. */
  pause(now: number): void {
    this.#pausedAt = now;
  }

  /** What the peer could have sent in the meantime comes all at once now, which is not its fault. */
  resume(now: number): void {
    this.#fill(this.#pausedAt, this.#rate.burst);
    this.#fill(now, Number.POSITIVE_INFINITY);
  }

  #fill(now: number, most: number): void {
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate.perSecond;
    // What was granted beyond the burst stays until it is used.
    this.#tokens = Math.max(this.#tokens, Math.min(most, filled));
    this.#filledAt = Math.max(this.#filledAt, now);
  }
}
