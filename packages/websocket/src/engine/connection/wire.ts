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
  /** Whether all frames up to the next `flush` are finished by one call of the first one's callback. */
  readonly writesAtOnce: boolean;
  /** Takes a frame, which leaves with the next `flush` at the latest. */
  write(frame: Frame, written: Written | undefined): void;
  flush(): void;
}

/** The socket itself: for frames as they stand, of a server and uncompressed. */
export class SocketWire implements Wire {
  readonly writesAtOnce = true;
  readonly #socket: Duplex;
  #first: Frame | undefined;
  #others: Frame[] | undefined;
  /** Of all that waits for the flush. */
  #bytes = 0;
  #hasBody = false;
  #written: Written | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.writableLength + this.#bytes;
  }

  get isWaitingForPeer(): boolean {
    return true;
  }

  write(frame: Frame, written: Written | undefined): void {
    if (this.#first === undefined) {
      this.#first = frame;
      this.#written = written;
    } else {
      (this.#others ??= []).push(frame);
    }
    this.#bytes += frame.byteLength;
    if (frame.body !== undefined) this.#hasBody = true;
  }

  flush(): void {
    const first = this.#first;
    if (first === undefined) return;
    const others = this.#others;
    const bytes = this.#bytes;
    const hasBody = this.#hasBody;
    this.#first = undefined;
    this.#others = undefined;
    this.#bytes = 0;
    this.#hasBody = false;
    if (hasBody) this.#writeParts(first, others);
    else this.#socket.write(others === undefined ? first.head : merge(first, others, bytes), this.#written);
  }

  /** Large payloads stay where they are. */
  #writeParts(first: Frame, others: readonly Frame[] = []): void {
    this.#socket.cork();
    this.#socket.write(first.head, this.#written);
    if (first.body !== undefined) this.#socket.write(first.body);
    for (const { head, body } of others) {
      this.#socket.write(head);
      if (body !== undefined) this.#socket.write(body);
    }
    this.#socket.uncork();
  }
}

/** Small frames in one buffer: copying them costs less than handing over each. */
function merge(first: Frame, others: readonly Frame[], bytes: number): Buffer {
  const merged = Buffer.allocUnsafe(bytes);
  let at = first.head.copy(merged);
  for (const { head } of others) at += head.copy(merged, at);
  return merged;
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

  /** ws keeps nothing for it. */
  flush(): void {}
}
