import { ByteQueue } from "./byte-queue";

/** One frame as the server sent it (RFC 6455 section 5.2). */
export interface RawFrame {
  /** Whether it is the last of its message. */
  readonly fin: boolean;
  /** The three reserved bits; the first of them is 4, set on the first frame of a compressed message. */
  readonly reserved: number;
  /** 0 continues, 1 is text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** As it stands on the wire: compressed where `reserved` says so. */
  readonly payload: Buffer;
}

/** A frame to send, which may be as wrong as a test wants it. */
export interface RawFrameOptions {
  /** 0 continues, 1 is text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** A string as UTF-8. Default: nothing. */
  readonly payload?: string | Uint8Array;
  /** Default `true`. */
  readonly fin?: boolean;
  /** As a client has to. Default `true`. */
  readonly masked?: boolean;
  /** Default 0. */
  readonly reserved?: number;
  /** The length that the header claims. Default: the true one. */
  readonly claimedLength?: number | bigint;
}

const MASK_BYTES = 4;

/** The first frame in `input`, with the bytes that it takes there; `undefined` until all of it has come. */
export function parseRawFrame(
  input: Buffer,
): { readonly frame: RawFrame; readonly byteLength: number } | undefined {
  if (input.length < 2) return undefined;
  const isMasked = (input[1]! & 0x80) !== 0;
  const short = input[1]! & 0x7f;
  const lengthEnd = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (input.length < lengthEnd) return undefined;
  const length =
    short === 126 ? input.readUInt16BE(2) : short === 127 ? Number(input.readBigUInt64BE(2)) : short;
  const start = lengthEnd + (isMasked ? MASK_BYTES : 0);
  if (input.length < start + length) return undefined;
  const frame = {
    fin: (input[0]! & 0x80) !== 0,
    reserved: (input[0]! >> 4) & 0b111,
    opcode: input[0]! & 0x0f,
    payload: Buffer.from(input.subarray(start, start + length)),
  };
  return { frame, byteLength: start + length };
}

/** Puts a stream of bytes together to frames. */
export class FrameReader {
  readonly #input = new ByteQueue();
  readonly #onFrame: (frame: RawFrame) => void;

  constructor(onFrame: (frame: RawFrame) => void) {
    this.#onFrame = onFrame;
  }

  read(chunk: Buffer): void {
    this.#input.add(chunk);
    let parsed = parseRawFrame(this.#input.bytes);
    while (parsed !== undefined) {
      this.#input.skip(parsed.byteLength);
      this.#onFrame(parsed.frame);
      parsed = parseRawFrame(this.#input.bytes);
    }
  }
}

const OPCODES: Readonly<Record<number, string>> = {
  0: "continuation",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

/** A frame in a line, for messages. */
export function describeFrame({ opcode, payload, fin, reserved }: RawFrame): string {
  const name = OPCODES[opcode] ?? `opcode ${opcode}`;
  const isReadable = opcode === 1 && reserved === 0;
  const what = isReadable ? describeText(payload.toString()) : describeBytes(payload);
  return `${name}${fin ? "" : ", unfinished"}${reserved === 0 ? "" : `, reserved bits ${reserved}`}: ${what}`;
}

const LONGEST_TEXT = 200;
const MOST_BYTES = 32;

export function describeText(text: string): string {
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return JSON.stringify(shown);
}

export function describeBytes(bytes: Buffer): string {
  const shown = bytes.subarray(0, MOST_BYTES).toString("hex").replace(/..\B/g, "$& ");
  return `${bytes.length} bytes${bytes.length === 0 ? "" : `: ${shown}`}${bytes.length > MOST_BYTES ? " …" : ""}`;
}
