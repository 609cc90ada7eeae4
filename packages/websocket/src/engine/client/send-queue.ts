import { BinaryMessage, PingMessage, PongMessage, TextMessage, type Sendable } from "../../message";
import type { WebSocketSession } from "../../websocket-session";
import { encodeFrame } from "../connection/frame";
import { NOT_SENT } from "../connection/outbox";
import { Queue } from "../connection/queue";

export interface QueueBounds {
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly overflow: "refuse" | "drop";
}

interface Waiting {
  readonly message: Sendable;
  readonly byteLength: number;
  readonly settle: (sent: boolean | Promise<boolean>) => void;
}

/** What waits for the next connection. */
export class SendQueue {
  readonly #bounds: QueueBounds;
  readonly #waiting = new Queue<Waiting>();
  #bytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes a message, as `sendMessage` would; throws for anything that is none. */
  add(message: Sendable): Promise<boolean> {
    const { byteLength } = encodeFrame(message);
    const { maxMessages, maxBytes, overflow } = this.#bounds;
    if (byteLength > maxBytes) return NOT_SENT;
    while (this.#waiting.length === maxMessages || this.#bytes + byteLength > maxBytes) {
      if (overflow === "refuse") return NOT_SENT;
      this.#shift()!.settle(false);
    }
    this.#bytes += byteLength;
    const kept = copyOf(message);
    return new Promise((settle) => this.#waiting.push({ message: kept, byteLength, settle }));
  }

  /**
   * Sends what waits, no faster than the peer takes it. A message that was handed to a session is not kept for another:
   * nobody knows how far it got, and it must not arrive twice.
   */
  async flushTo(session: WebSocketSession): Promise<void> {
    while (session.isOpen && !this.isEmpty) {
      const { message, settle } = this.#shift()!;
      const sent = session.sendMessage(message);
      settle(sent);
      await sent;
    }
  }

  discard(): void {
    while (!this.isEmpty) this.#shift()!.settle(false);
  }

  #shift(): Waiting | undefined {
    const first = this.#waiting.shift();
    this.#bytes -= first?.byteLength ?? 0;
    return first;
  }
}

/** The caller may use its bytes for something else before the next connection comes. */
function copyOf(message: Sendable): Sendable {
  if (typeof message === "string") return message;
  if (message instanceof Uint8Array) return Buffer.from(message);
  const payload = Buffer.from(message.asBytes());
  switch (message.kind) {
    case "text":
      return new TextMessage(payload);
    case "binary":
      return new BinaryMessage(payload);
    case "ping":
      return new PingMessage(payload);
    case "pong":
      return new PongMessage(payload);
  }
}
