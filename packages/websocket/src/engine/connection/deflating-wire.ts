import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { frameOpcode, isControl, type Frame, type Payload } from "./frame";
import { SharedFrame } from "./shared-frame";
import { SocketWire } from "./socket-wire";
import { WebSocketWire } from "./websocket-wire";
import { COMPRESSION_THRESHOLD_BYTES, type Wire, type Written } from "./wire";

/**
 * For a server's session that has agreed to compression. ws compresses what is for this session alone, on another thread
 * and one message after the other; while it does, it gets everything else too, so that the order stays. Else what is not
 * compressed, or is already, goes to the socket.
 */
export class DeflatingWire implements Wire {
  readonly isInStep = false;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #plain: SocketWire;
  readonly #queue: WebSocketWire;
  readonly #takesShared: boolean;

  /** @param takesShared whether it can read what was compressed for many: each message alone, with the full window. */
  constructor(ws: WebSocket, socket: Duplex, takesShared: boolean) {
    this.#ws = ws;
    this.#socket = socket;
    this.#plain = new SocketWire(socket);
    this.#queue = new WebSocketWire(ws, socket);
    this.#takesShared = takesShared;
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount + this.#plain.gatheredBytes;
  }

  get isWaitingForPeer(): boolean {
    return this.#queue.isWaitingForPeer;
  }

  write(frame: Frame, written: Written): number {
    if (this.#isCompressing) return this.#queue.write(frame, written);
    const shared = this.#takesShared && frame instanceof SharedFrame ? frame.compressed : null;
    if (shared !== null) return this.#plain.write(shared);
    return isWorthCompressing(frameOpcode(frame), frame.payloadLength)
      ? this.#queue.write(frame, written)
      : this.#plain.write(frame);
  }

  writePayload(opcode: number, payload: Payload, payloadLength: number, written: Written): number {
    return this.#isCompressing || isWorthCompressing(opcode, payloadLength)
      ? this.#queue.writePayload(opcode, payload, payloadLength, written)
      : this.#plain.writePayload(opcode, payload, payloadLength);
  }

  flush(written: Written): number {
    const writes = this.#plain.flush(written);
    this.#queue.flush();
    return writes;
  }

  flushEarly(written: Written): number {
    return this.#plain.flushEarly(written);
  }

  /** Whether ws holds something that it has not given to the socket. */
  get #isCompressing(): boolean {
    return this.#ws.bufferedAmount !== this.#socket.writableLength;
  }
}

function isWorthCompressing(opcode: number, payloadLength: number): boolean {
  return payloadLength >= COMPRESSION_THRESHOLD_BYTES && !isControl(opcode);
}
