import type { VernalError } from "@vernal/websocket";
import { withLimit } from "./limit";

/** `promise`, or what `fail` makes once `limitMs` have passed for the test, and no time at all for the application. */
export async function unlessClocksStandStill<T>(
  promise: Promise<T>,
  limitMs: number,
  fail: () => VernalError,
): Promise<T> {
  let clocksGo = false;
  // The timer that the application has too, fake or not.
  const probe = globalThis.setTimeout(() => (clocksGo = true), 0);
  try {
    return await withLimit(promise, limitMs, () => (clocksGo ? undefined : fail()));
  } finally {
    globalThis.clearTimeout(probe);
  }
}
