import { Interrupted } from "./problem";

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Ending = keyof typeof exitCodes;
const endings = Object.keys(exitCodes) as Ending[];

/** A signal this soon after the first is the same one: npm passes on what the terminal has sent to everybody. */
const SAME_SIGNAL_MS = 500;

/** As long as it is not disposed, the first signal aborts with `Interrupted`, instead of ending the process at once. */
export class Interruption implements Disposable {
  /** What a person finds who interrupts now. */
  left = "Nothing was written.";
  readonly #first = new AbortController();
  readonly #second = new AbortController();
  #since = 0;
  readonly #stop = (signal: Ending) => {
    if (!this.signal.aborted) {
      this.#since = performance.now();
      this.#first.abort(new Interrupted(this.left, exitCodes[signal]));
    } else if (performance.now() - this.#since > SAME_SIGNAL_MS) {
      this.#second.abort();
    }
  };

  constructor() {
    for (const signal of endings) process.on(signal, this.#stop);
  }

  get signal(): AbortSignal {
    return this.#first.signal;
  }

  /** For what does not end when it is asked to. */
  get impatience(): AbortSignal {
    return this.#second.signal;
  }

  /** Ctrl-C reaches all programs of a terminal, and the end of another one may be seen before the signal itself. */
  noticeEnd(exitCode: number | null, by: NodeJS.Signals | null): void {
    const signal = endings.find((each) => each === by || exitCodes[each] === exitCode);
    if (signal !== undefined && !this.signal.aborted) this.#stop(signal);
  }

  [Symbol.dispose](): void {
    for (const signal of endings) process.off(signal, this.#stop);
  }
}
