import { answer, usage } from "../processes/answering";
import type { Answer, Listening, Memory } from "../processes/questions";

/**
 * What a server does with the messages on `/ws`; it is told by its first argument.
 *
 * - `echo`: sends each back as it came
 * - `json`: answers `{"event":"move","data":{…}}` with `{"event":"moved","data":{…}}`, and the same data
 * - `broadcast`: sends each to every connection, the sender's included
 * - `compressed`: the same with permessage-deflate
 */
export type Behaviour = "echo" | "json" | "broadcast" | "compressed";

export const behaviour = process.argv[2] as Behaviour;

/** How the servers that let one choose compress: every message by itself, from the first byte. */
export const DEFLATE = { threshold: 0, serverNoContextTakeover: true };

/** What the servers that route by hand make of a routed message. */
export interface Routed {
  readonly event: string;
  readonly data: unknown;
}

/** Tells the benchmark where the server listens, and answers what it asks from then on. */
export function listening(port: number): void {
  const ready: Listening = { port, usage: usage() };
  process.send?.({ id: 0, value: ready } satisfies Answer);
  answer({ usage, memory });
}

async function memory(): Promise<Memory> {
  // The first leaves what only finalizers can give back.
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}
