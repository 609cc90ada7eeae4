import { untilTimedOut } from "./errors";
import { now, setImmediate } from "./real-timers";
import { DEFAULT_TIMEOUT_MS, type WaitOptions } from "./wait-options";

/**
 * Waits until `condition` holds, looking after each turn of the event loop: instead of a sleep. Its own throw ends the
 * wait at once.
 *
 * ```ts
 * await until("both sessions", () => sessions.size === 2);
 * ```
 *
 * @param what for the message of a wait in vain.
 * @param options `timeoutMs` is 2000 unless told otherwise.
 * @throws VernalError `VERNAL_TEST_TIMEOUT`.
 */
export async function until(
  what: string,
  condition: () => boolean,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: WaitOptions = {},
): Promise<void> {
  const deadline = now() + timeoutMs;
  while (!condition()) {
    if (now() > deadline) {
      throw untilTimedOut(what, timeoutMs);
    }
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}
