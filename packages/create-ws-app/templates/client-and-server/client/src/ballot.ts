import type { ClientMessage, ServerMessage } from "./protocol";

/**
 * The vote of this page. The server counts the votes of those who are connected, so this one is kept while the connection is
 * away, and cast again when it is back.
 */
export class Ballot {
  readonly #send: (message: ClientMessage) => boolean;
  #choice: string | undefined;
  #isCast = false;

  constructor(send: (message: ClientMessage) => boolean, choice?: string) {
    this.#send = send;
    this.#choice = choice;
  }

  get choice(): string | undefined {
    return this.#choice;
  }

  choose(option: string): void {
    this.#choice = option;
    this.#isCast = this.#send({ type: "vote", option });
  }

  withdraw(): void {
    this.#choice = undefined;
    this.#send({ type: "withdraw" });
  }

  /** A new connection: the server knows nothing of this page. */
  renew(): void {
    this.#isCast = false;
  }

  /** What the server says; the poll may be another one than before. */
  read(message: ServerMessage): void {
    if (message.type !== "poll" || this.#choice === undefined || this.#isCast) return;
    if (message.options.some(({ name }) => name === this.#choice)) this.choose(this.#choice);
    else this.#choice = undefined;
  }
}
