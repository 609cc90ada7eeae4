import { setTimeout as sleep } from "node:timers/promises";
import { answer, usage } from "../processes/answering";
import type { Answer, Listening } from "../processes/questions";

/**
 * What a server does, told by its first argument. Each is written as the documentation of its framework shows it, with
 * asynchronous functions where an application would ask a database.
 *
 * - `echo`: sends back what comes
 * - `ordered`: the same, after a wait that is longer for the first message than for others
 * - `opening`: waits when somebody connects, and says for each message whether it came to be handled before or after
 * - `flood`: answers one message with many large ones, one in each turn of the event loop
 * - `failing`: rejects
 */
export type Habit = "echo" | "ordered" | "opening" | "flood" | "failing";

export interface Flood {
  readonly isFlooding: boolean;
  /** Bytes. */
  readonly rss: number;
}

export const habit = process.argv[2] as Habit;

const FIRST_TAKES_MS = 1000;
const FLOOD = { count: 2000, text: "x".repeat(64 * 1024) };
let isFlooding = true;

/** The database, when somebody connects. */
export function lookUp(): Promise<void> {
  return sleep(200);
}

/** What each message is answered with, one after the other. */
export async function handle(text: string, opened: boolean, send: (text: string) => void): Promise<void> {
  switch (habit) {
    case "ordered":
      await sleep(text === "1" ? FIRST_TAKES_MS : 1);
      return send(text);
    case "opening":
      return send(opened ? "after" : "before");
    case "flood":
      for (let index = 0; index < FLOOD.count; index += 1) {
        // Another text each time: ws keeps a string as it is, and many times the same one costs nothing.
        send(JSON.stringify({ index, text: FLOOD.text }));
        await new Promise((resolve) => setImmediate(resolve));
      }
      isFlooding = false;
      return;
    case "failing":
      await sleep(1);
      throw new Error("The database is away.");
    default:
      return send(text);
  }
}

/** Tells where the server listens, and from then on how the flood is getting on. */
export function listening(port: number): void {
  const ready: Listening = { port, usage: usage() };
  process.send?.({ id: 0, value: ready } satisfies Answer);
  answer({ flood: (): Flood => ({ isFlooding, rss: process.memoryUsage().rss }) });
}
