import { invalidTestArgument } from "./errors";

/** How long a test waits. */
export interface WaitOptions {
  /**
   * After this time the wait fails and says what came instead; `Infinity` for no limit. Milliseconds. Default: the
   * `timeoutMs` that the client was connected with, else that of the test application, which is 2000 unless told otherwise.
   * A runner's own limit, 5 seconds in most, should be longer: its message does not say what came.
   *
   * What is no time, such as -1 or `NaN`, fails with `VERNAL_TEST_INVALID_ARGUMENT` at once.
   */
  readonly timeoutMs?: number;
}

export const DEFAULT_TIMEOUT_MS = 2000;

/**
 * The limit of a wait.
 *
 * @param call for the message: `next() of the client of /ws/chat`.
 * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT`.
 */
export function limitOf({ timeoutMs }: WaitOptions, byDefault: number, call: string): number {
  const limitMs = timeoutMs ?? byDefault;
  if (limitMs >= 0) return limitMs;
  throw invalidTestArgument(
    `timeoutMs of ${call}`,
    limitMs,
    "milliseconds, 0 or more, or Infinity for no limit",
  );
}
