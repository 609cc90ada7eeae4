import { performance } from "node:perf_hooks";
import * as timers from "node:timers";

// As they were when this was loaded, and not the globals, which may be fake by then: fake timers are for the clocks of the
// application. They must stop neither the limits of a test nor the wire in memory.
export const { setTimeout, clearTimeout, setImmediate } = timers;

/** Milliseconds since some moment. */
export const now: () => number = performance.now.bind(performance);

/** Whole milliseconds since `time`, which `now` gave. */
export function elapsedSince(time: number): number {
  return Math.round(now() - time);
}
