import type { VernalError } from "@vernal/websocket";
import { noteCallSite } from "./call-site";
import { clearTimeout, setLimit } from "./real-timers";

/** `promise`, or what `fail` makes once `timeoutMs` have passed; where that is nothing, there is no limit any more. */
export async function withLimit<T>(
  promise: Promise<T>,
  timeoutMs: number,
  fail: () => VernalError | undefined,
): Promise<T> {
  const atCallSite = noteCallSite();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setLimit(timeoutMs, () => {
      const error = fail();
      if (error !== undefined) reject(atCallSite(error));
    });
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
