import { performance } from "node:perf_hooks";
import * as timers from "node:timers";

// As they were when this was loaded, and not the globals, which may be fake by then: fake timers are for the clocks of the
// application. They must stop neither the limits of a test nor the wire in memory.
export const { setTimeout, clearTimeout, setImmediate } = timers;

/** Node takes a longer time for none. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Milliseconds since some moment. */
export const now: () => number = performance.now.bind(performance);

/** Whole milliseconds since `time`, which `now` gave. */
export function elapsedSince(time: number): number {
  return Math.round(now() - time);
}

/** Calls `act` after `limitMs`, for `clearTimeout`; never, and gives nothing, for a time as long as `Infinity`. */
export function setLimit(limitMs: number, act: () => void): NodeJS.Timeout | undefined {
  return limitMs > LONGEST_TIMEOUT_MS ? undefined : setTimeout(act, limitMs);
}
