import { createInterface } from "node:readline/promises";
import type { Paint } from "./paint";
import { Interrupted } from "./problem";

/** Asks at a terminal. Ctrl-C and Ctrl-D end it with `Interrupted`. */
export class Questions implements Disposable {
  readonly #paint: Paint;
  readonly #terminal = createInterface({ input: process.stdin, output: process.stdout });
  readonly #gone: Promise<never>;

  constructor(paint: Paint) {
    this.#paint = paint;
    this.#gone = new Promise((_, reject) => {
      const leave = () => reject(new Interrupted("Nothing was written."));
      this.#terminal.once("SIGINT", leave).once("close", leave);
    });
    // Where nothing is being asked just then, the next question hears of it.
    this.#gone.catch(() => undefined);
  }

  /** Asks until `problemOf` has nothing against the answer. */
  async text(
    question: string,
    suggestion: string,
    problemOf: (answer: string) => string | undefined,
  ): Promise<string> {
    for (;;) {
      const answer = (await this.#ask(`${question} ${this.#paint.dim(`(${suggestion})`)} `)) || suggestion;
      const problem = problemOf(answer);
      if (problem === undefined) return answer;
      this.#say(this.#paint.red(problem));
    }
  }

  /** Lets choose by name or by number. */
  async choice<T extends { readonly name: string; readonly description: string }>(
    question: string,
    choices: readonly [T, ...T[]],
  ): Promise<T> {
    this.#say(question);
    const width = Math.max(...choices.map(({ name }) => name.length));
    for (const [index, { name, description }] of choices.entries()) {
      this.#say(`  ${index + 1} ${this.#paint.bold(name.padEnd(width))}  ${this.#paint.dim(description)}`);
    }
    const find = (answer: string) =>
      choices.find(({ name }) => name === answer) ?? choices[Number(answer) - 1];
    const answer = await this.text("Number or name", choices[0].name, (given) =>
      find(given) === undefined ? `Type a number from 1 to ${choices.length}, or a name.` : undefined,
    );
    return find(answer) ?? choices[0];
  }

  async yesOrNo(question: string): Promise<boolean> {
    const answer = await this.text(question, "yes", (given) =>
      /^(y|yes|n|no)$/i.test(given) ? undefined : "Type yes or no.",
    );
    return /^y/i.test(answer);
  }

  [Symbol.dispose](): void {
    this.#terminal.close();
  }

  async #ask(question: string): Promise<string> {
    const answer = this.#terminal.question(question);
    // Some versions of Node reject it when the terminal is closed, and others never settle it.
    const left = answer.catch(() => this.#gone);
    try {
      return (await Promise.race([left, this.#gone])).trim();
    } catch (error) {
      // The next line of the terminal, and not the rest of the question's.
      this.#say("");
      throw error;
    }
  }

  #say(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
