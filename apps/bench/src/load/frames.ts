const TEXT = 0x81;
const MASKED = 0x80;
const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);

export const CLOSE = 0x88;
export const PONG = 0x8a;

/** A whole frame of a client: with a header, masked (RFC 6455 section 5.2). Text, unless another first byte is given. */
export function clientFrame(payload: Buffer, firstByte = TEXT): Buffer {
  const { length } = payload;
  const header = length < 126 ? [length] : [126, length >> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError(`A frame of ${length} bytes is more than the load needs`);
  const frame = Buffer.from([firstByte, header[0]! | MASKED, ...header.slice(1), ...MASK, ...payload]);
  const start = frame.length - length;
  for (let index = 0; index < length; index += 1) frame[start + index]! ^= MASK[index & 3]!;
  return frame;
}
