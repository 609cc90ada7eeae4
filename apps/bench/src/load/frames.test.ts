import { clientFrame, PONG } from "./frames";
import { textOf } from "./dialect";

/** What ws makes of the bytes that a client sends. */
function unmask(frame: Buffer, start: number): string {
  const mask = frame.subarray(start - 4, start);
  return frame
    .subarray(start)
    .map((byte, index) => byte ^ mask[index & 3]!)
    .toString();
}

describe("a frame of the load", () => {
  it.each([
    [0, 6],
    [16, 6],
    [125, 6],
    [126, 8],
    [4096, 8],
    [65_535, 8],
  ])("of %i bytes has a header of %i, and the payload masked behind it", (bytes, headerBytes) => {
    const text = textOf(bytes);
    const frame = clientFrame(Buffer.from(text));
    expect(frame.length).toBe(headerBytes + bytes);
    expect(frame[0]).toBe(0x81);
    expect(frame[1]! & 0x80).toBe(0x80);
    const length = headerBytes === 6 ? frame[1]! & 0x7f : frame.readUInt16BE(2);
    expect(length).toBe(bytes);
    expect(unmask(frame, headerBytes)).toBe(text);
  });

  it("can be another than text", () => {
    expect(clientFrame(Buffer.from("x"), PONG)[0]).toBe(0x8a);
  });

  it("cannot be longer than the load needs", () => {
    expect(() => clientFrame(Buffer.alloc(65_536))).toThrow(RangeError);
  });
});
