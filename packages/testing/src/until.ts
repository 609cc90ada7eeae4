import { untilTimedOut } from "./errors";
import { now, setImmediate } from "./real-timers";
import { DEFAULT_TIMEOUT_MS, limitOf, type WaitOptions } from "./wait-options";

/**
 * Waits until `condition` holds, looking after each turn of the event loop: instead of a sleep. Its own throw ends the
 * wait at once.
 *
 * ```ts
 * await until("both sessions", () => sessions.size === 2);
 * ```
 *
 * @param what for the message of a wait in vain.
 * @param options `timeoutMs` is 2000 unless told otherwise, `Infinity` for no limit.
 * @throws VernalError `VERNAL_TEST_TIMEOUT`; `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs` that is no time.
 */
export async function until(
  what: string,
  condition: () => boolean,
  options: WaitOptions = {},
): Promise<void> {
  const timeoutMs = limitOf(options, DEFAULT_TIMEOUT_MS, `until(${JSON.stringify(what)})`);
  const deadline = now() + timeoutMs;
  while (!condition()) {
    if (now() > deadline) {
      throw untilTimedOut(what, timeoutMs);
    }
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}
