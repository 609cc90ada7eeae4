import type { VernalError } from "@vernal/websocket";
import { Arrivals, type Failure } from "./arrivals";
import { elapsedSince, now, setImmediate } from "./real-timers";

/** The client that makes the trips. */
export interface Traveller {
  /** Every message that has come. */
  readonly received: readonly unknown[];
  /** What the server holds for this client, in bytes. */
  bufferedAtServer(): number;
  /** Throws where no ping can be sent any more. */
  ping(payload: string): void;
  /** What a trip in vain has to say. */
  inVain(reason: Parameters<Failure>[0], awaited: string, waitedMs: number): VernalError;
}

/** How much time a trip has left, and what it says when that is not enough. */
interface Ticket {
  left(): number;
  fail(awaited: string): Failure;
  outOfTime(awaited: string): VernalError;
}

/** Pings that are made one after the other until nothing new comes back. */
export class RoundTrips {
  readonly #traveller: Traveller;
  readonly #pongs = new Arrivals<Buffer>();
  #pings = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(traveller: Traveller) {
    this.#traveller = traveller;
  }

  pong(payload: Buffer): void {
    this.#pongs.add(payload);
  }

  /** No pong will come any more. */
  end(): void {
    this.#pongs.end();
  }

  /** Begins when those before have ended. */
  make(limitMs: number): Promise<void> {
    const trip = this.#last.then(() => this.#make(limitMs));
    this.#last = trip.catch(() => {});
    return trip;
  }

  async #make(limitMs: number): Promise<void> {
    const started = now();
    const outOfTime = (awaited: string): VernalError => this.#traveller.inVain("timed out", awaited, limitMs);
    const ticket: Ticket = {
      left: () => Math.max(0, limitMs - (now() - started)),
      fail: (awaited) => (reason) =>
        reason === "ended"
          ? this.#traveller.inVain(reason, awaited, elapsedSince(started))
          : outOfTime(awaited),
      outOfTime,
    };
    while (await this.#bringsMessages(ticket)) {
      if (ticket.left() === 0) throw ticket.outOfTime("a round that brings no message");
    }
  }

  async #bringsMessages(ticket: Ticket): Promise<boolean> {
    const before = this.#traveller.received.length;
    await this.#ping(ticket);
    // A pong overtakes what the server keeps for an unfinished write.
    while (this.#traveller.bufferedAtServer() > 0) {
      if (ticket.left() === 0) throw ticket.outOfTime("what the server has sent to leave it");
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
    await this.#ping(ticket);
    return this.#traveller.received.length > before;
  }

  /** Waits for the pong of just this ping. Any other may have come in its place, as the answer to a later one. */
  async #ping(ticket: Ticket): Promise<void> {
    const payload = `round trip ${(this.#pings += 1)}`;
    this.#pongs.skip();
    let pong: Buffer;
    do {
      this.#traveller.ping(payload);
      pong = await this.#pongs.take(ticket.left(), ticket.fail("a pong"));
    } while (pong.toString() !== payload);
  }
}
