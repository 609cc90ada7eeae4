import { Buffer } from "node:buffer";
import { invalidArgument } from "./errors";

/** The largest payload of a control frame (RFC 6455 section 5.5). */
const MAX_CONTROL_BYTES = 125;

/**
 * A whole message, of a peer or for one. `kind` tells them apart and narrows the type. Messages are immutable; one
 * can be sent to many sessions and relayed as it came. Messages in parts do not exist: a handler gets whole ones.
 */
export type WebSocketMessage = TextMessage | BinaryMessage | PingMessage | PongMessage;

/** Text (RFC 6455 opcode 1; Spring `TextMessage`). Text that arrived is decoded when `payload` is first read. */
export class TextMessage {
  readonly kind = "text";
  #text: string | undefined;
  #bytes: Buffer | undefined;

  /** @param payload the text, or its UTF-8 bytes, which are neither copied nor checked. */
  constructor(payload: string | Uint8Array) {
    if (typeof payload === "string") this.#text = payload;
    else if (payload instanceof Uint8Array) this.#bytes = toBuffer(payload);
    else throw invalidArgument("new TextMessage", payload, "a string or its UTF-8 bytes");
  }

  /** The text. */
  get payload(): string {
    // UTF-8; to name it would cost more.
    return (this.#text ??= this.#bytes!.toString());
  }

  /** The size in bytes of UTF-8. */
  get payloadLength(): number {
    return this.#bytes === undefined ? Buffer.byteLength(this.#text!, "utf8") : this.#bytes.length;
  }

  /** The UTF-8 bytes, encoded at most once. Do not change them. */
  asBytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.#text!, "utf8"));
  }
}

/** What messages of bytes have in common. */
abstract class BytesMessage {
  /** The bytes. Not copied: once the message has been sent they may still be on their way, so do not change them. */
  readonly payload: Buffer;

  protected constructor(payload: Buffer) {
    this.payload = payload;
  }

  /** The size in bytes. */
  get payloadLength(): number {
    return this.payload.length;
  }

  /** The same bytes as `payload`. */
  asBytes(): Buffer {
    return this.payload;
  }
}

/** Bytes (RFC 6455 opcode 2; Spring `BinaryMessage`). */
export class BinaryMessage extends BytesMessage {
  readonly kind = "binary";

  /** @param payload not copied. */
  constructor(payload: Uint8Array | ArrayBuffer) {
    super(bytesOf("new BinaryMessage", payload));
  }
}

/** A ping, to send: the peer answers with a pong. One that arrives is answered by Vernal and not delivered. */
export class PingMessage extends BytesMessage {
  readonly kind = "ping";

  /** @param payload up to 125 bytes that the pong carries back. */
  constructor(payload: Uint8Array | ArrayBuffer = new Uint8Array(0)) {
    super(controlBytesOf("new PingMessage", payload));
  }
}

/** A pong: one that arrived, for `handlePongMessage`, or an unasked one to send (RFC 6455 section 5.5.3). */
export class PongMessage extends BytesMessage {
  readonly kind = "pong";

  /** @param payload up to 125 bytes. */
  constructor(payload: Uint8Array | ArrayBuffer = new Uint8Array(0)) {
    super(controlBytesOf("new PongMessage", payload));
  }
}

/**
 * What `sendMessage` and `send` take: a string is sent as text, bytes as binary. Bytes are not copied; do not change them
 * once they were sent.
 */
export type Sendable = WebSocketMessage | string | Uint8Array;

function controlBytesOf(where: string, payload: Uint8Array | ArrayBuffer): Buffer {
  const bytes = bytesOf(where, payload);
  if (bytes.length > MAX_CONTROL_BYTES) {
    throw invalidArgument(
      where,
      `${bytes.length} bytes`,
      `at most ${MAX_CONTROL_BYTES} bytes (RFC 6455 section 5.5)`,
    );
  }
  return bytes;
}

function bytesOf(where: string, payload: Uint8Array | ArrayBuffer): Buffer {
  if (payload instanceof Uint8Array) return toBuffer(payload);
  if (payload instanceof ArrayBuffer) return Buffer.from(payload);
  throw invalidArgument(where, payload, "a Uint8Array, a Buffer or an ArrayBuffer");
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
