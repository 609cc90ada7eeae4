import { checkFrame } from "./client-arguments";
import type { RawFrameOptions } from "./raw-frame";

const MASK = Buffer.of(1, 2, 3, 4);

/**
 * The bytes of a frame as a client sends it, right or wrong: for several in one write, or a part of one.
 *
 * ```ts
 * raw.write(Buffer.concat([encodeRawFrame({ opcode: 1, payload: "a" }), encodeRawFrame({ opcode: 8 })]));
 * ```
 *
 * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for what no bytes can say, such as an opcode of 16.
 */
export function encodeRawFrame(frame: RawFrameOptions): Buffer {
  checkFrame("encodeRawFrame()", frame);
  const { opcode, payload = "", fin = true, masked = true, reserved = 0 } = frame;
  const body = typeof payload === "string" ? Buffer.from(payload) : Buffer.from(payload);
  const header = encodeHeader(
    (fin ? 0x80 : 0) | (reserved << 4) | opcode,
    masked ? 0x80 : 0,
    BigInt(frame.claimedLength ?? body.length),
  );
  if (!masked) return Buffer.concat([header, body]);
  return Buffer.concat([header, MASK, body.map((byte, index) => byte ^ MASK[index % MASK.length]!)]);
}

function encodeHeader(first: number, mask: number, length: bigint): Buffer {
  if (length < 126n) return Buffer.of(first, mask | Number(length));
  if (length < 65_536n) {
    const header = Buffer.of(first, mask | 126, 0, 0);
    header.writeUInt16BE(Number(length), 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = mask | 127;
  header.writeBigUInt64BE(length, 2);
  return header;
}
