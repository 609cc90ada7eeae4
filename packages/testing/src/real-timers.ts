// As they were when this was loaded: fake timers are for the clocks of the application. They must stop neither the limits of
// a test nor the wire in memory.
export const { setTimeout, clearTimeout, setImmediate } = globalThis;

/** Milliseconds since some moment. */
export const now: () => number = performance.now.bind(performance);

/** Whole milliseconds since `time`, which `now` gave. */
export function elapsedSince(time: number): number {
  return Math.round(now() - time);
}
