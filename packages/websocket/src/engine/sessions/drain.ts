import { CloseStatus } from "../../close-status";
import type { SessionIndex } from "./session-index";

/** How long the last callbacks of sessions that were cut may still take. */
const LAST_CALLBACKS_MS = 1000;

/**
 * Ends every session with 1001 and waits for the last callback of each. Sessions that are still there at the deadline
 * are cut.
 *
 * @returns how many were cut.
 */
export async function drain(index: SessionIndex, timeoutMs: number): Promise<number> {
  const settled = index.allSettled();
  for (const connection of index) connection.close(CloseStatus.GOING_AWAY);
  await atMost(timeoutMs, settled);
  const { size } = index;
  for (const connection of index) connection.terminate();
  if (size > 0) await atMost(LAST_CALLBACKS_MS, settled);
  return size;
}

async function atMost(timeoutMs: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([promise, deadline]);
  clearTimeout(timer);
}
