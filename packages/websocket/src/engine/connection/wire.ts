import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { BINARY, frameOpcode, framePayload, PING, PONG, type Frame } from "./frame";

/** Below this compression costs more than it saves. */
const COMPRESSION_THRESHOLD_BYTES = 1024;

export type Written = (error?: Error | null) => void;

/** What carries the frames of a connection to its peer. */
export interface Wire {
  /** Bytes that it holds and that the operating system has not taken. */
  readonly bufferedAmount: number;
  /** Whether what it holds waits for the peer, and not for this side. */
  readonly isWaitingForPeer: boolean;
  /** Whether all frames of one cork are finished by one call of the first one's callback. */
  readonly writesAtOnce: boolean;
  write(frame: Frame, written: Written | undefined): void;
}

/** The socket itself: for frames as they stand, of a server and uncompressed. */
export class SocketWire implements Wire {
  readonly writesAtOnce = true;
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.writableLength;
  }

  get isWaitingForPeer(): boolean {
    return true;
  }

  write(frame: Frame, written: Written | undefined): void {
    this.#socket.write(frame.head, written);
    if (frame.body !== undefined) this.#socket.write(frame.body);
  }
}

/** ws: for what has to be masked, as a client's frames, or may be compressed. It keeps the order of what it is given. */
export class WebSocketWire implements Wire {
  readonly writesAtOnce = false;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;

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

  write(frame: Frame, written: Written | undefined): void {
    const payload = framePayload(frame);
    const opcode = frameOpcode(frame);
    if (opcode === PING) {
      this.#ws.ping(payload, undefined, written);
    } else if (opcode === PONG) {
      this.#ws.pong(payload, undefined, written);
    } else {
      const compress = payload.length >= COMPRESSION_THRESHOLD_BYTES;
      this.#ws.send(payload, { binary: opcode === BINARY, compress }, written);
    }
  }
}
