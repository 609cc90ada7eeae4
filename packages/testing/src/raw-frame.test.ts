import { PassThrough } from "node:stream";
import { ByteQueue } from "./byte-queue";
import { RawConnection } from "./raw-connection";
import { encodeRawFrame } from "./encode-raw-frame";
import { FrameReader, type RawFrame } from "./raw-frame";

const PIECE_BYTES = 256;

function inPieces(bytes: Buffer): Buffer[] {
  const count = Math.ceil(bytes.length / PIECE_BYTES);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
  );
}

// Who puts all pieces together again for each new one copies a hundred gigabytes here.
const LARGE = Buffer.alloc(8 * 1024 * 1024, 7);

test("a reader puts a large frame together of many pieces", () => {
  const frames: RawFrame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  const bytes = Buffer.concat([
    encodeRawFrame({ opcode: 2, payload: LARGE, masked: false }),
    encodeRawFrame({ opcode: 1, payload: "next", masked: false }),
  ]);
  for (const piece of inPieces(bytes)) reader.read(piece);
  expect(frames.map(({ opcode }) => opcode)).toEqual([2, 1]);
  expect(frames[0]!.payload.equals(LARGE)).toBe(true);
});

test("a raw connection puts a large answer and a large frame together of many pieces", async () => {
  const stream = new PassThrough();
  const connection = new RawConnection(stream, { timeoutMs: Number.POSITIVE_INFINITY });
  const answer = connection.answer();
  stream.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE.length}\r\n\r\n`);
  for (const piece of inPieces(LARGE)) stream.write(piece);
  expect((await answer).body).toHaveLength(LARGE.length);
  const frame = connection.nextFrame();
  for (const piece of inPieces(encodeRawFrame({ opcode: 2, payload: LARGE, masked: false }))) {
    stream.write(piece);
  }
  expect((await frame).payload.equals(LARGE)).toBe(true);
});

test("bytes come in pieces and are taken in others", () => {
  const queue = new ByteQueue();
  let sent = 0;
  let read = 0;
  for (let round = 1; round < 200; round += 1) {
    queue.add(Buffer.from(Array.from({ length: round % 17 }, () => sent++ % 256)));
    const taken = Math.min(queue.byteLength, round % 13);
    for (const byte of queue.bytes.subarray(0, taken)) expect(byte).toBe(read++ % 256);
    queue.skip(taken);
    expect(queue.byteLength).toBe(sent - read);
  }
});
