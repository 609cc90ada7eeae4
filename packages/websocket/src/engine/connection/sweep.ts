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

/**
 * The one timer of an application. Its clock stands still while the event loop does: what a peer could not be heard
 * saying is not held against it.
 */
export class Sweep implements Clock {
  readonly #swept: Iterable<Swept>;
  #timer: NodeJS.Timeout | undefined;
  #lookedAt = 0;
  now = 0;
  resolution = LONGEST_INTERVAL_MS;

  constructor(swept: Iterable<Swept>) {
    this.#swept = swept;
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
    this.now += Math.round(Math.min(realNow - this.#lookedAt, 2 * this.resolution));
    this.#lookedAt = realNow;
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
