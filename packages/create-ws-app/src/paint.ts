/** Colours for a terminal that wants them; for everything else the text as it is. */
export class Paint {
  readonly #isOn: boolean;

  constructor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv) {
    const { NO_COLOR, TERM } = environment;
    this.#isOn = stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
  }

  bold(text: string): string {
    return this.#in(1, 22, text);
  }

  dim(text: string): string {
    return this.#in(2, 22, text);
  }

  red(text: string): string {
    return this.#in(31, 39, text);
  }

  #in(start: number, end: number, text: string): string {
    return this.#isOn ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  }
}
