/** How long a test waits. */
export interface WaitOptions {
  /**
   * After this time the wait fails and says what came instead. Milliseconds. Default: the `timeoutMs` of the test
   * application, which is 2000 unless told otherwise. A runner's own limit, 5 seconds in most, should be longer: its
   * message does not say what came.
   */
  readonly timeoutMs?: number;
}

export const DEFAULT_TIMEOUT_MS = 2000;
