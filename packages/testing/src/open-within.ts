import type { Duplex } from "node:stream";
import { noHandshake, timedOut } from "./errors";
import { withLimit } from "./limit";

/**
 * Opens a connection, or gives up after `timeoutMs`.
 *
 * @param call what the test called.
 * @throws VernalError `VERNAL_TEST_TIMEOUT`, or `VERNAL_TEST_NO_HANDSHAKE` where it does not open.
 */
export function openWithin(
  call: string,
  timeoutMs: number,
  log: { readonly problems: readonly string[] },
  open: (signal: AbortSignal) => Promise<Duplex>,
): Promise<Duplex> {
  const aborting = new AbortController();
  const opening = open(aborting.signal).catch((error: unknown) => {
    throw noHandshake(call, error);
  });
  return withLimit(opening, timeoutMs, () => {
    aborting.abort();
    const awaited = "the connection to open";
    return timedOut({ call, awaited, waitedMs: timeoutMs, arrived: [], end: undefined, log: log.problems });
  });
}
