import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { BINARY, frameOpcode, framePayload, PING, PONG, type Frame, type Payload } from "./frame";
import { COMPRESSION_THRESHOLD_BYTES, type Wire, type Written } from "./wire";

/** ws: for what has to be masked, as a client's frames, or is compressed. It keeps the order of what it is given. */
export class WebSocketWire implements Wire {
  readonly isInStep = false;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  #isCorked = false;

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount;
  }

  /** ws compresses one message per turn of the event loop, which is not the peer's fault. */
  get isWaitingForPeer(): boolean {
    return this.#socket.writableLength > 0;
  }

  write(frame: Frame, written: Written): number {
    return this.writePayload(frameOpcode(frame), framePayload(frame), frame.payloadLength, written);
  }

  writePayload(opcode: number, payload: Payload, payloadLength: number, written: Written): number {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
    }
    if (opcode === PING) {
      this.#ws.ping(payload, undefined, written);
    } else if (opcode === PONG) {
      this.#ws.pong(payload, undefined, written);
    } else {
      const compress = payloadLength >= COMPRESSION_THRESHOLD_BYTES;
      this.#ws.send(payload, { binary: opcode === BINARY, compress }, written);
    }
    return 1;
  }

  flush(): number {
    if (this.#isCorked) {
      this.#isCorked = false;
      this.#socket.uncork();
    }
    return 0;
  }

  /** It has nothing: ws has. */
  flushEarly(): number {
    return 0;
  }
}
