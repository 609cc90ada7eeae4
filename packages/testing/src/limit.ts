import type { VernalError } from "@vernal/websocket";
import { clearTimeout, setLimit } from "./real-timers";

/** `promise`, or what `fail` makes once `timeoutMs` have passed. */
export async function withLimit<T>(
  promise: Promise<T>,
  timeoutMs: number,
  fail: () => VernalError,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setLimit(timeoutMs, () => reject(fail()));
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
