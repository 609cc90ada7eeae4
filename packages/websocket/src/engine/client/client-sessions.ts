import { CloseStatus } from "../../close-status";
import type { ConnectionLimits } from "../../options";
import type { ConnectionObserver, ObservedConnection } from "../connection/profile";
import { Sweep, type Clock } from "../connection/sweep";

/** The sessions of one client, until their last callbacks have settled. */
export class ClientSessions implements ConnectionObserver {
  readonly #limits: ConnectionLimits;
  readonly #unsettled = new Set<ObservedConnection>();
  readonly #sweep = new Sweep(this.#unsettled);
  #onAllSettled: (() => void) | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get clock(): Clock {
    return this.#sweep;
  }

  add(connection: ObservedConnection): void {
    // A session that is paused, or whose last callback hangs, holds no process by itself, and has an end to come.
    if (this.#unsettled.size === 0) this.#sweep.start([this.#limits], true);
    this.#unsettled.add(connection);
  }

  /** Ends all of them, and settles when the last callback of each has; the sweep waits for none forever. */
  close(): Promise<void> {
    if (this.#unsettled.size === 0) return Promise.resolve();
    for (const connection of this.#unsettled) connection.close(CloseStatus.GOING_AWAY);
    return new Promise((resolve) => (this.#onAllSettled = resolve));
  }

  // A client has no index: the groups of its sessions are names that they keep.
  joined(): void {}
  left(): void {}
  userChanged(): void {}
  ended(): void {}

  settled(connection: ObservedConnection): void {
    this.#unsettled.delete(connection);
    if (this.#unsettled.size > 0) return;
    this.#sweep.stop();
    this.#onAllSettled?.();
  }
}
