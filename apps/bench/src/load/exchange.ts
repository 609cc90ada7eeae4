import type { Connection, ConnectionListener } from "./connection";

/** What has been counted so far. */
export interface Counts {
  messages: number;
  /** Of these, those that came compressed. */
  compressed: number;
}

/**
 * A conversation of one connection without a pause: it writes all its messages at once, and again when all of them have
 * been answered.
 */
export class Exchange implements ConnectionListener {
  connection!: Connection;
  readonly #frames: Buffer;
  readonly #expected: number;
  readonly #answerBytes: number | undefined;
  readonly #counts: Counts;
  readonly #onRound: (() => void) | undefined;
  #open = 0;

  /**
   * @param frames one round of messages
   * @param expected how many messages answer it
   * @param answerBytes how long each of them is, uncompressed
   * @param onRound what follows a round instead of the next one
   */
  constructor(
    frames: Buffer,
    expected: number,
    answerBytes: number | undefined,
    counts: Counts,
    onRound?: () => void,
  ) {
    this.#frames = frames;
    this.#expected = expected;
    this.#answerBytes = answerBytes;
    this.#counts = counts;
    this.#onRound = onRound;
  }

  start(): void {
    this.#open = this.#expected;
    if (this.#frames.length > 0) this.connection.write(this.#frames);
  }

  message(payloadLength: number, compressed: boolean): void {
    if (compressed) this.#counts.compressed += 1;
    else if (payloadLength !== this.#answerBytes) {
      throw new Error(`A message has ${payloadLength} bytes and not ${this.#answerBytes}`);
    }
    this.#counts.messages += 1;
    this.#open -= 1;
    if (this.#open === 0) {
      if (this.#onRound === undefined) this.start();
      else this.#onRound();
    } else if (this.#open < 0) throw new Error("A message came that nobody asked for");
  }
}
