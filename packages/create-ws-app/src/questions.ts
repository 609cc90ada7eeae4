import { createInterface } from "node:readline";
import type { Paint } from "./paint";
import { Interrupted } from "./problem";

/** Asks at a terminal. Ctrl-C and Ctrl-D end it with `Interrupted`. */
export class Questions implements Disposable {
  readonly #paint: Paint;
  readonly #terminal = createInterface({ input: process.stdin, output: process.stdout });
  /** Typed, or pasted, before they were asked for. */
  #lines: string[] = [];
  #asking?: { readonly answer: (line: string) => void; readonly leave: (reason: Interrupted) => void };
  #left?: Interrupted;
  /** By Ctrl-C, which counts more than an answer that came along with it. */
  #interrupted?: Interrupted;

  constructor(paint: Paint) {
    this.#paint = paint;
    this.#terminal
      .on("line", (line) => {
        if (this.#asking === undefined) this.#lines.push(line);
        else {
          const { answer } = this.#asking;
          this.#asking = undefined;
          answer(line);
        }
      })
      .once("SIGINT", () => {
        this.#lines = [];
        this.#interrupted = this.#leave();
      })
      .once("close", () => this.#leave());
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
    const early = this.#lines.shift();
    if (early !== undefined) {
      this.#say(question + early);
      return early.trim();
    }
    if (this.#left !== undefined) throw this.#left;
    this.#terminal.setPrompt(question);
    this.#terminal.prompt();
    try {
      const answered = new Promise<string>((answer, leave) => (this.#asking = { answer, leave }));
      const answer = await answered;
      if (this.#interrupted !== undefined) throw this.#interrupted;
      return answer.trim();
    } catch (error) {
      // The next line of the terminal, and not the rest of the question's.
      this.#say("");
      throw error;
    }
  }

  #leave(): Interrupted {
    this.#left ??= new Interrupted("Nothing was written.");
    this.#asking?.leave(this.#left);
    return this.#left;
  }

  #say(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
