import type { ContestListener, Entry } from "../contest";
import type { Scenario } from "../scenarios/scenario";

/** Says what is going on: a line per measurement, and on a terminal also which one is on its way. */
export class Progress implements ContestListener {
  readonly #total: number;
  readonly #rounds: number;
  readonly #began = performance.now();
  #done = 0;
  #current = "";
  #scenario: Scenario | undefined;

  constructor(total: number, rounds: number) {
    this.#total = total;
    this.#rounds = rounds;
  }

  begins(scenario: Scenario, contestant: string, round: number): void {
    this.#scenario = scenario;
    const count = `${this.#done + 1}`.padStart(`${this.#total}`.length);
    this.#current = `[${count}/${this.#total}] ${scenario.name}, round ${round + 1} of ${this.#rounds}, ${contestant}`;
    if (process.stdout.isTTY) process.stdout.write(`${this.#current} ...`);
  }

  ends({ measurement, error }: Entry): void {
    this.#done += 1;
    const back = process.stdout.isTTY ? "\r\x1b[K" : "";
    const text = measurement === undefined ? `FAILED: ${error}` : this.#figures(measurement.figures);
    process.stdout.write(`${back}${this.#current}: ${text}${this.#remaining()}\n`);
  }

  #figures(figures: Readonly<Record<string, number>>): string {
    const metrics = this.#scenario!.metrics;
    return metrics.map(({ name, unit }) => `${(figures[name] ?? NaN).toFixed(2)} ${unit}`).join(", ");
  }

  #remaining(): string {
    const left = ((performance.now() - this.#began) / this.#done) * (this.#total - this.#done);
    const minutes = Math.ceil(left / 60_000);
    return this.#done === this.#total ? "" : ` (about ${minutes} min left)`;
  }
}
