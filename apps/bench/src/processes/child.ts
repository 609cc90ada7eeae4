import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Answer, Question } from "./questions";

/** Where the compiled files lie, also for the tests, which run the source. */
const COMPILED = join(__dirname, "..", "..", "dist");
const KEPT_ERROR_CHARACTERS = 4000;

export interface ChildOptions {
  readonly args?: readonly string[];
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** The only core that it may use; any if `undefined`. Needs `taskset`. */
  readonly core?: number | undefined;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const running = new Set<ChildProcess>();
process.on("exit", killChildren);

/** Ends all of them; whoever waits for one gets an error. */
export function killChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Another process of the benchmark: it says once that it is ready, and then answers questions. */
export class Child {
  /** What it said when it was ready. */
  readonly ready: Promise<unknown>;
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #errors = "";

  constructor(file: string, { args = [], flags = [], core }: ChildOptions = {}) {
    this.#name = [file, ...args].join(" ");
    const path = join(COMPILED, `${file}.js`);
    const pinned =
      core === undefined
        ? { execArgv: [...flags] }
        : { execPath: "taskset", execArgv: ["-c", String(core), process.execPath, ...flags] };
    this.#process = fork(path, args, {
      ...pinned,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, NODE_ENV: "production", LOG_LEVEL: "silent" },
    });
    running.add(this.#process);
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERROR_CHARACTERS);
    });
    this.ready = this.#wait(0);
    this.ready.catch(() => {});
    this.#process.on("message", (answer: Answer) => this.#settle(answer));
    this.#exited = new Promise((resolve) => {
      this.#process.on("error", (error) => this.#fail(`could not be started: ${error.message}`, resolve));
      this.#process.on("close", (code, signal) => this.#fail(`ended with ${code ?? signal}`, resolve));
    });
  }

  ask<T>(name: string, argument?: unknown): Promise<T> {
    const id = ++this.#lastId;
    const answered = this.#wait(id);
    // Whoever has ended answers nothing, and is rejected by its end.
    this.#process.send({ id, name, argument } satisfies Question, () => {});
    return answered as Promise<T>;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  #wait(id: number): Promise<unknown> {
    if (!running.has(this.#process)) return Promise.reject(new Error(`${this.#name} has ended`));
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(`${this.#name}: ${error}`));
  }

  #fail(what: string, done: () => void): void {
    running.delete(this.#process);
    const error = new Error(
      `${this.#name} ${what}${this.#errors === "" ? "" : `:\n${this.#errors.trimEnd()}`}`,
    );
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    done();
  }
}
