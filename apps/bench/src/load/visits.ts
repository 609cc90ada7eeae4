import { Connection, type Target } from "./connection";
import type { Counts } from "./exchange";

const IGNORE = { message: (): void => {} };

/** Connects and leaves again, as often as the server can bear, with so many at a time. */
export class Visits {
  readonly #target: Target;
  readonly #counts: Counts;

  constructor(target: Target, counts: Counts) {
    this.#target = target;
    this.#counts = counts;
  }

  start(atOnce: number): void {
    for (let index = 0; index < atOnce; index += 1) void this.#visit();
  }

  async #visit(): Promise<void> {
    for (;;) {
      const connection = new Connection(this.#target, IGNORE);
      await connection.opened;
      connection.close();
      await connection.closed;
      this.#counts.messages += 1;
    }
  }
}
