import { CloseStatus } from "../../close-status";
import type { SessionIndex } from "./session-index";

/**
 * Ends every session with 1001 and waits for the last callback of each. Sessions that are still there at the deadline
 * are cut.
 *
 * @returns how many were cut.
 */
export async function drain(index: SessionIndex, timeoutMs: number): Promise<number> {
  const settled = index.allSettled();
  for (const connection of index) connection.close(CloseStatus.GOING_AWAY);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([settled, deadline]);
  clearTimeout(timer);
  const { size } = index;
  for (const connection of index) connection.terminate();
  return size;
}
