import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

interface Unanswered {
  count: number;
  /** Whether an upgrade waits behind them. */
  held: boolean;
}

/** The requests, which may be pipelined, that still wait for their answers, and the upgrades behind them. */
export class UnansweredRequests {
  readonly #bySocket = new WeakMap<Duplex, Unanswered>();
  readonly #held = new Set<Duplex>();

  /** A listener of `request` that only counts. */
  readonly observe = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    const unanswered = this.#bySocket.get(socket) ?? { count: 0, held: false };
    unanswered.count += 1;
    this.#bySocket.set(socket, unanswered);
    response.once("close", () => this.#answered(socket, unanswered));
  };

  /**
   * Keeps an upgrade from overtaking the answers to earlier requests: its socket is cut after them. `false`, and nothing
   * done, where no request waits.
   */
  hold(socket: Duplex): boolean {
    const unanswered = this.#bySocket.get(socket);
    if (unanswered === undefined) return false;
    unanswered.held = true;
    this.#held.add(socket);
    socket.once("close", () => this.#held.delete(socket));
    // Only who reads notices that the client has gone.
    socket.once("end", () => socket.destroy());
    socket.resume();
    return true;
  }

  /** Cuts every socket that is held, and its answers with it. */
  destroyHeld(): void {
    for (const socket of this.#held) socket.destroy();
  }

  #answered(socket: Duplex, unanswered: Unanswered): void {
    unanswered.count -= 1;
    if (unanswered.count > 0) return;
    this.#bySocket.delete(socket);
    if (unanswered.held) socket.destroy();
  }
}
