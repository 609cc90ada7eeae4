import type { ConnectionLimits } from "../../options";

/** What the sweep looks at. */
export interface Swept {
  /** @param now the time of the sweep's clock. */
  sweep(now: number): void;
}

/** The time of a sweep, in milliseconds. */
export interface Clock {
  readonly now: number;
  /** How much time lies between two looks. */
  readonly resolution: number;
}

const SHORTEST_INTERVAL_MS = 10;
const LONGEST_INTERVAL_MS = 1000;
const LOOKS_PER_LIMIT = 4;
/** Who waits for a server notices a second. */
const LONG_STANDSTILL_MS = 1000;

/**
 * The one timer of an application. Its clock stands still while the event loop does: what a peer could not be heard
 * saying is not held against it.
 */
export class Sweep implements Clock {
  readonly #swept: Iterable<Swept>;
  readonly #onStandstill: ((ms: number) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  now = 0;
  resolution = LONGEST_INTERVAL_MS;

  /** @param onStandstill hears for how many milliseconds the event loop has run nothing, where they are many. */
  constructor(swept: Iterable<Swept>, onStandstill?: (ms: number) => void) {
    this.#swept = swept;
    this.#onStandstill = onStandstill;
  }

  /**
   * @param limits those of all that is swept; they say how often to look.
   * @param holdsProcess whether the process has to live until `stop`.
   */
  start(limits: Iterable<ConnectionLimits>, holdsProcess = false): void {
    this.resolution = intervalFor(limits);
    this.#lookedAt = performance.now();
    this.#timer ??= setInterval(look, this.resolution, this);
    if (!holdsProcess) this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  look(): void {
    const realNow = performance.now();
    const elapsed = realNow - this.#lookedAt;
    this.now += Math.round(Math.min(elapsed, 2 * this.resolution));
    this.#lookedAt = realNow;
    const late = Math.round(elapsed - this.resolution);
    if (late >= LONG_STANDSTILL_MS) this.#onStandstill?.(late);
    for (const each of this.#swept) each.sweep(this.now);
  }
}

function intervalFor(limits: Iterable<ConnectionLimits>): number {
  const times = [...limits].flatMap((each) => [
    each.unfinishedMessageTimeoutMs,
    each.firstMessageTimeoutMs,
    each.idleTimeoutMs,
    each.heartbeatIntervalMs,
    each.sendTimeLimitMs,
    each.slowCallbackMs,
    each.callbackTimeoutMs,
  ]);
  const shortest = Math.min(...times.filter((time) => time !== false));
  const interval = Math.floor(shortest / LOOKS_PER_LIMIT);
  return Math.max(SHORTEST_INTERVAL_MS, Math.min(LONGEST_INTERVAL_MS, interval));
}

function look(sweep: Sweep): void {
  sweep.look();
}
