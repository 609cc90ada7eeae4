import type { LoadMark, Task } from "../load/task";
import { Child } from "./child";

const LOAD_CORE = 1;

/** The load, in a process of its own. */
export class Clients {
  readonly #child: Child;

  static async prepare(task: Task, { pin }: { readonly pin: boolean }): Promise<Clients> {
    const args = [JSON.stringify(task)];
    const child = new Child("load/main", { args, core: pin ? LOAD_CORE : undefined });
    await child.ready;
    return new Clients(child);
  }

  private constructor(child: Child) {
    this.#child = child;
  }

  /** Opens the connections of the task, or so many more. */
  open(count?: number): Promise<void> {
    return this.#child.ask("open", count);
  }

  start(): Promise<void> {
    return this.#child.ask("start");
  }

  /** Waits until so many messages have come from now on. */
  count(messages: number): Promise<void> {
    return this.#child.ask("count", messages);
  }

  mark(): Promise<LoadMark> {
    return this.#child.ask("mark");
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}
