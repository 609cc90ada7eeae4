import { until as untilWithin } from "@vernal/testing";

// Below the limit of jest, whose message would not say what was waited for.
export const LIMIT_MS = 4000;

/** As that of the testing package, with a limit for tests that do more than those of an application: four seconds. */
export function until(what: string, condition: () => boolean): Promise<void> {
  return untilWithin(what, condition, { timeoutMs: LIMIT_MS });
}

/** `promise`, or a failure with `what` after four seconds. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited in vain for: ${what}`)), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
