import { Buffer } from "node:buffer";
import { invalidArgument } from "../../errors";
import type { Sendable, WebSocketMessage } from "../../message";

const FIN = 0x80;
const COMPRESSED = 0x40;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const PING = 0x9;
export const PONG = 0xa;

/** Above this a payload is written beside its header: copying it costs more than a second buffer. */
export const MERGE_LIMIT_BYTES = 1024;

/** What a message carries: text, or bytes as they are. */
export type Payload = string | Buffer;

/**
 * One message as it stands on the wire, from a server (RFC 6455 section 5.2). Can be written to any number of sockets.
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
  return frame.head[0]! & ~(FIN | COMPRESSED);
}

/** Whether this is the opcode of a ping or a pong, and of no message. */
export function isControl(opcode: number): boolean {
  return opcode >= PING;
}

/** The payload of a frame, uncopied. */
export function framePayload(frame: Frame): Buffer {
  return frame.body ?? frame.head.subarray(frame.byteLength - frame.payloadLength);
}

/** A message as a frame; throws for anything that is none. */
export function encodeFrame(message: Sendable): Frame {
  const payload = payloadOf(message);
  return frameOf(opcodeOf(message), payload, lengthOf(payload));
}

/** What a message carries; throws for anything that is none. */
export function payloadOf(message: Sendable): Payload {
  if (typeof message === "string") return message;
  if (message instanceof Uint8Array) return asBuffer(message);
  // A plain object such as { kind: "text" } is no message; only the classes check what they hold.
  const isMessage = typeof message?.asBytes === "function" && opcodeOfKind(message) !== undefined;
  const bytes: unknown = isMessage ? message.asBytes() : undefined;
  if (bytes instanceof Uint8Array) return asBuffer(bytes);
  throw invalidArgument(
    "send",
    message,
    "a message, a string or bytes; of an object, JSON.stringify makes a string",
  );
}

/** The opcode for what `payloadOf` has not refused. */
export function opcodeOf(message: Sendable): number {
  if (typeof message === "string") return TEXT;
  if (message instanceof Uint8Array) return BINARY;
  return opcodeOfKind(message)!;
}

/** In bytes. */
export function lengthOf(payload: Payload): number {
  return typeof payload === "string" ? Buffer.byteLength(payload, "utf8") : payload.length;
}

/** How long the frame of a payload is. */
export function frameLengthOf(payloadLength: number): number {
  return headerLengthOf(payloadLength) + payloadLength;
}

/** A payload as a frame. */
export function frameOf(opcode: number, payload: Payload, payloadLength: number): Frame {
  const byteLength = frameLengthOf(payloadLength);
  const isSmall = payloadLength <= MERGE_LIMIT_BYTES;
  const head = Buffer.allocUnsafe(isSmall ? byteLength : headerLengthOf(payloadLength));
  if (isSmall) writeFrame(head, 0, opcode, payload, payloadLength);
  else writeHeader(head, 0, opcode, payloadLength);
  const body = isSmall ? undefined : typeof payload === "string" ? Buffer.from(payload, "utf8") : payload;
  return { head, body, byteLength, payloadLength };
}

/** A payload that has been compressed, as a frame (RFC 7692 section 6). */
export function compressedFrameOf(opcode: number, payload: Buffer): Frame {
  return frameOf(COMPRESSED | opcode, payload, payload.length);
}

/** Writes a whole frame, and says where it ends. */
export function writeFrame(
  target: Buffer,
  at: number,
  opcode: number,
  payload: Payload,
  payloadLength: number,
): number {
  const start = writeHeader(target, at, opcode, payloadLength);
  // UTF-8; to name it would cost more.
  if (typeof payload === "string") target.write(payload, start, payloadLength);
  else target.set(payload, start);
  return start + payloadLength;
}

function opcodeOfKind(message: WebSocketMessage): number | undefined {
  switch (message.kind) {
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

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function headerLengthOf(payloadLength: number): number {
  if (payloadLength < 126) return 2;
  return payloadLength < 65_536 ? 4 : 10;
}

function writeHeader(target: Buffer, at: number, opcode: number, payloadLength: number): number {
  target[at] = FIN | opcode;
  if (payloadLength < 126) {
    target[at + 1] = payloadLength;
    return at + 2;
  }
  if (payloadLength < 65_536) {
    target[at + 1] = 126;
    target[at + 2] = payloadLength >>> 8;
    target[at + 3] = payloadLength & 0xff;
    return at + 4;
  }
  target[at + 1] = 127;
  target.writeUInt32BE(Math.floor(payloadLength / 0x1_0000_0000), at + 2);
  target.writeUInt32BE(payloadLength >>> 0, at + 6);
  return at + 10;
}
