import type { WebSocket } from "ws";
import { nextTick } from "./event-loop";

/**
 * Answers pings: the newest of a turn, and no second answer before the first has left (RFC 6455 section 5.5.3 allows
 * it). A flood of pings at a peer that reads nothing costs one pong.
 */
export class Pongs {
  readonly #ws: WebSocket;
  #due: Buffer | undefined;
  #isOnItsWay = false;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  pinged(data: Buffer): void {
    if (this.#due === undefined && !this.#isOnItsWay) nextTick(answer, this);
    this.#due = data;
  }

  answer(): void {
    const data = this.#due;
    if (data === undefined) return;
    this.#due = undefined;
    this.#isOnItsWay = true;
    this.#ws.pong(data, undefined, () => {
      this.#isOnItsWay = false;
      this.answer();
    });
  }
}

function answer(pongs: Pongs): void {
  pongs.answer();
}
