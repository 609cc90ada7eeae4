import { Connection, type ConnectionListener } from "./connection";
import { answerOf, requestOf } from "./dialect";
import { Exchange, type Counts } from "./exchange";
import { clientFrame } from "./frames";
import type { Task } from "./task";
import { Visits } from "./visits";

/** So many handshakes at a time: more than the queue of a listening socket holds would wait for a second. */
const OPENED_AT_ONCE = 64;
const SILENT: ConnectionListener = {
  message: () => {
    throw new Error("A message came that nobody asked for");
  },
};

/** The clients of one server. */
export class Load {
  readonly counts: Counts = { messages: 0, compressed: 0 };
  readonly #task: Task;
  readonly #exchanges: Exchange[] = [];
  #finishedRounds = 0;
  #somebodyTalks = false;

  constructor(task: Task) {
    this.#task = task;
  }

  /** Opens the connections of the task, or so many. */
  async open(count = this.#task.connections): Promise<void> {
    if (this.#task.kind === "visits") return;
    let left = count;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await this.#openOne();
      }
    };
    await Promise.all(Array.from({ length: OPENED_AT_ONCE }, worker));
  }

  /** Begins to talk; the connections are open. */
  start(): void {
    const { kind, connections } = this.#task;
    if (kind === "visits") new Visits(this.#task, this.counts).start(connections);
    else for (const exchange of this.#exchanges) exchange.start();
  }

  /** Waits until so many messages have been counted from now on. */
  async count(messages: number): Promise<void> {
    const wanted = this.counts.messages + messages;
    while (this.counts.messages < wanted) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async #openOne(): Promise<void> {
    const { kind } = this.#task;
    if (kind === "silence") {
      await new Connection(this.#task, SILENT).opened;
      return;
    }
    const exchange = kind === "echo" ? this.#echo() : this.#broadcast();
    exchange.connection = new Connection(this.#task, exchange);
    await exchange.connection.opened;
    this.#exchanges.push(exchange);
  }

  #echo(): Exchange {
    return new Exchange(this.#round, this.#task.inFlight, this.#answerBytes, this.counts);
  }

  /** The first one talks. A round is over when it has reached everybody. */
  #broadcast(): Exchange {
    const frames = this.#somebodyTalks ? Buffer.alloc(0) : this.#round;
    this.#somebodyTalks = true;
    return new Exchange(frames, this.#task.inFlight, this.#answerBytes, this.counts, () => {
      this.#finishedRounds += 1;
      if (this.#finishedRounds < this.#exchanges.length) return;
      this.#finishedRounds = 0;
      for (const exchange of this.#exchanges) exchange.start();
    });
  }

  get #round(): Buffer {
    const { dialect, content, inFlight } = this.#task;
    const frame = clientFrame(Buffer.from(requestOf(dialect, content)));
    return Buffer.concat(Array.from({ length: inFlight }, () => frame));
  }

  get #answerBytes(): number {
    const { dialect, content } = this.#task;
    return Buffer.byteLength(answerOf(dialect, content));
  }
}
