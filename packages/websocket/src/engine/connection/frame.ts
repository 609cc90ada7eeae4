import { invalidArgument } from "../../errors";
import type { Sendable, WebSocketMessage } from "../../message";

const FIN = 0x80;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const PING = 0x9;
export const PONG = 0xa;

/** Above this a payload is written beside its header: copying it costs more than a second buffer. */
const MERGE_LIMIT_BYTES = 1024;

/**
 * One message as it stands on the wire, from a server and uncompressed (RFC 6455 section 5.2). Can be written to any
 * number of sockets.
 */
export interface Frame {
  /** The header, and the payload behind it if that is small. */
  readonly head: Buffer;
  /** A large payload, uncopied. */
  readonly body: Buffer | undefined;
  readonly byteLength: number;
  readonly payloadLength: number;
}

/** The opcode of a frame. */
export function frameOpcode(frame: Frame): number {
  return frame.head[0]! & ~FIN;
}

/** Whether a frame is a ping or a pong, and no message. */
export function isControlFrame(frame: Frame): boolean {
  return frameOpcode(frame) >= PING;
}

/** The payload of a frame, uncopied. */
export function framePayload(frame: Frame): Buffer {
  return frame.body ?? frame.head.subarray(frame.byteLength - frame.payloadLength);
}

/** A message as a frame; throws for anything that is none. */
export function encodeFrame(message: Sendable): Frame {
  if (typeof message === "string") return encodeText(message);
  if (message instanceof Uint8Array) {
    return encodeBytes(BINARY, Buffer.from(message.buffer, message.byteOffset, message.byteLength));
  }
  const opcode = opcodeOf(message);
  // A plain object such as { kind: "text" } is no message; only the classes check what they hold.
  if (opcode === undefined || typeof message.asBytes !== "function") {
    throw invalidArgument("send", message, "a message, a string or bytes");
  }
  return encodeBytes(opcode, message.asBytes());
}

function opcodeOf(message: WebSocketMessage): number | undefined {
  switch (message?.kind) {
    case "text":
      return TEXT;
    case "binary":
      return BINARY;
    case "ping":
      return PING;
    case "pong":
      return PONG;
    default:
      return undefined;
  }
}

function encodeText(text: string): Frame {
  const length = Buffer.byteLength(text, "utf8");
  if (length > MERGE_LIMIT_BYTES) return encodeBytes(TEXT, Buffer.from(text, "utf8"));
  const headerLength = headerLengthOf(length);
  const head = Buffer.allocUnsafe(headerLength + length);
  writeHeader(head, TEXT, length);
  head.write(text, headerLength, length, "utf8");
  return { head, body: undefined, byteLength: head.length, payloadLength: length };
}

function encodeBytes(opcode: number, payload: Buffer): Frame {
  const headerLength = headerLengthOf(payload.length);
  const merged = payload.length <= MERGE_LIMIT_BYTES;
  const head = Buffer.allocUnsafe(merged ? headerLength + payload.length : headerLength);
  writeHeader(head, opcode, payload.length);
  if (merged) payload.copy(head, headerLength);
  const body = merged ? undefined : payload;
  return { head, body, byteLength: headerLength + payload.length, payloadLength: payload.length };
}

function headerLengthOf(payloadLength: number): number {
  if (payloadLength < 126) return 2;
  return payloadLength < 65_536 ? 4 : 10;
}

function writeHeader(target: Buffer, opcode: number, payloadLength: number): void {
  target[0] = FIN | opcode;
  if (payloadLength < 126) {
    target[1] = payloadLength;
  } else if (payloadLength < 65_536) {
    target[1] = 126;
    target.writeUInt16BE(payloadLength, 2);
  } else {
    target[1] = 127;
    target.writeUInt32BE(Math.floor(payloadLength / 0x1_0000_0000), 2);
    target.writeUInt32BE(payloadLength >>> 0, 6);
  }
}
