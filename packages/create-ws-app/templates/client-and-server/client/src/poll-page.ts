import type { ConnectionState } from "./connection";
import type { PollOption, ServerMessage } from "./protocol";

interface Callbacks {
  readonly onVote: (option: string) => void;
  readonly onWithdraw: () => void;
}

interface OptionRow {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly votes: HTMLElement;
}

/** The page: shows what it is told, and tells what the visitor does. */
export class PollPage {
  readonly #callbacks: Callbacks;
  readonly #state = byId("state");
  readonly #countdown = byId("countdown");
  readonly #poll = byId("poll");
  readonly #withdraw = byId("withdraw") as HTMLButtonElement;
  #rows = new Map<string, OptionRow>();
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
    this.#withdraw.addEventListener("click", () => {
      // The button goes; the focus must not go with it.
      this.#rows.values().next().value?.input.focus();
      callbacks.onWithdraw();
    });
  }

  showState(state: ConnectionState): void {
    clearInterval(this.#ticking);
    this.#state.textContent = textOf(state);
    this.#state.parentElement?.setAttribute("data-state", state.name);
    this.#poll.toggleAttribute("data-stale", state.name !== "open");
    this.#countdown.textContent = "";
    if (state.name !== "waiting") return;
    // Beside the status and hidden from screen readers, which would read out every second.
    const tick = () => {
      const seconds = Math.max(Math.ceil((state.retryAt - Date.now()) / 1000), 1);
      this.#countdown.textContent = `in ${seconds} s`;
    };
    tick();
    this.#ticking = setInterval(tick, 1000);
  }

  show(message: ServerMessage): void {
    switch (message.type) {
      case "poll": {
        const { question, options, people } = message;
        const votes = options.reduce((sum, option) => sum + option.votes, 0);
        byId("question").textContent = question;
        this.#showOptions(options, votes);
        byId("people").textContent = `${counted(people, "person", "people")} here, ${votes} voted`;
        byId("refusal").textContent = "";
        this.#poll.hidden = false;
        break;
      }
      case "refused":
        byId("refusal").textContent = message.reason;
    }
  }

  showChoice(choice: string | undefined): void {
    for (const [name, { input }] of this.#rows) input.checked = name === choice;
    this.#withdraw.hidden = choice === undefined;
  }

  #showOptions(options: readonly PollOption[], all: number): void {
    // New elements only for other options: somebody may just be using these.
    if ([...this.#rows.keys()].join("\n") !== options.map(({ name }) => name).join("\n")) {
      this.#rows = new Map(options.map(({ name }) => [name, this.#rowOf(name)]));
      byId("options").replaceChildren(...[...this.#rows.values()].map(({ element }) => element));
    }
    for (const { name, votes } of options) {
      const row = this.#rows.get(name);
      if (row === undefined) continue;
      row.votes.textContent = counted(votes, "vote", "votes");
      row.element.style.setProperty("--share", String(all === 0 ? 0 : votes / all));
    }
  }

  #rowOf(name: string): OptionRow {
    const element = document.createElement("label");
    element.className = "option";
    const input = document.createElement("input");
    input.type = "radio";
    input.name = "option";
    input.addEventListener("change", () => this.#callbacks.onVote(name));
    const title = document.createElement("span");
    title.className = "name";
    title.textContent = name;
    const votes = document.createElement("span");
    votes.className = "votes";
    element.append(input, title, votes);
    return { element, input, votes };
  }
}

function textOf(state: ConnectionState): string {
  switch (state.name) {
    case "connecting":
      return "Connecting …";
    case "open":
      return "Connected";
    case "waiting":
      return "Reconnecting";
    case "refused":
      return `Disconnected. ${state.reason}`;
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no element with the id "${id}".`);
  return element;
}
