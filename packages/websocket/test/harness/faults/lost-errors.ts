import type { LogLine } from "../application";
import { realProcess } from "../real-process";
import { PLANNED } from "./handlers";

const EVENTS = ["unhandledRejection", "uncaughtException", "warning"] as const;

/** Collects what nobody handles, from now until its end. */
export class LostErrors {
  readonly #errors: unknown[] = [];
  readonly #lose = (error: unknown): void => void this.#errors.push(error);

  constructor() {
    for (const event of EVENTS) realProcess.on(event as "warning", this.#lose);
  }

  end(): readonly unknown[] {
    for (const event of EVENTS) realProcess.off(event, this.#lose);
    return this.#errors;
  }
}

/** Without those about errors that user code was to throw. */
export function unplannedLines(lines: readonly LogLine[]): readonly LogLine[] {
  return lines.filter(({ err }) => !String((err as Error | undefined)?.message).startsWith(PLANNED));
}
