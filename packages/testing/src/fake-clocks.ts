import type { VernalError } from "@vernal/websocket";
import { clearTimeout, setTimeout } from "./real-timers";

/** `promise`, or what `fail` makes once `limitMs` have passed for the test, and no time at all for the application. */
export async function unlessClocksStandStill<T>(
  promise: Promise<T>,
  limitMs: number,
  fail: () => VernalError,
): Promise<T> {
  let clocksGo = false;
  // The timer that the application has too, fake or not.
  const probe = globalThis.setTimeout(() => (clocksGo = true), 0);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      if (!clocksGo) reject(fail());
    }, limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
    globalThis.clearTimeout(probe);
  }
}
