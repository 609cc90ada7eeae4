import { CloseStatus } from "../../close-status";
import { setImmediate } from "../connection/event-loop";
import type { ObservedConnection } from "../connection/profile";
import type { SessionIndex } from "./session-index";

export interface DrainSettings {
  /** When what is left is cut. */
  readonly timeoutMs: number;
  /** Over what time the ends are spread. */
  readonly jitterMs: number;
  readonly batchSize: number;
}

/** How long the last callbacks of sessions that were cut may still take. */
const LAST_CALLBACKS_MS = 1000;
/** How long before the deadline a session is closed whose callbacks go on: its peer shall see a close frame. */
const CLOSE_AHEAD_MS = 5000;

/**
 * Ends every session: batch by batch each takes no more messages, answers those that it has, and closes with 1001. Waits
 * for the last callback of each; sessions that are still there at the deadline are cut.
 *
 * @returns how many were cut.
 */
export async function drain(index: SessionIndex, settings: DrainSettings): Promise<number> {
  const { timeoutMs } = settings;
  const settled = index.allSettled();
  const timers = [
    ...finishInBatches([...index], settings),
    setTimeout(closeAll, timeoutMs - Math.min(CLOSE_AHEAD_MS, timeoutMs / 2), index),
  ];
  await atMost(timeoutMs, settled);
  for (const timer of timers) clearTimeout(timer);
  const { size } = index;
  for (const connection of index) connection.terminate();
  if (size > 0) await atMost(LAST_CALLBACKS_MS, settled);
  return size;
}

/**
 * The first batch at once, so that few sessions are no wait; each other one at a moment of its own share of the time.
 * Clients that come back when they are told to go come one batch after the other. Without jitter all are the first batch.
 *
 * @returns the timers of the others.
 */
function finishInBatches(
  connections: readonly ObservedConnection[],
  { timeoutMs, jitterMs, batchSize }: DrainSettings,
): NodeJS.Timeout[] {
  const firstSize = jitterMs === 0 ? connections.length : batchSize;
  const others = Math.max(0, Math.ceil((connections.length - firstSize) / batchSize));
  const share = Math.min(jitterMs, timeoutMs / 2) / (others + 1);
  // What a peer has sent by now is still read: a turn has to pass whole. Not a timer, which waits where a test has faked it.
  setImmediate(() => setImmediate(finishAll, connections.slice(0, firstSize)));
  return Array.from({ length: others }, (_, index) => {
    const start = firstSize + index * batchSize;
    const delay = (index + 1 + Math.random()) * share;
    return setTimeout(finishAll, delay, connections.slice(start, start + batchSize));
  });
}

function finishAll(connections: readonly ObservedConnection[]): void {
  for (const connection of connections) connection.finish();
}

function closeAll(index: SessionIndex): void {
  for (const connection of index) connection.close(CloseStatus.GOING_AWAY);
}

async function atMost(timeoutMs: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([promise, deadline]);
  clearTimeout(timer);
}
