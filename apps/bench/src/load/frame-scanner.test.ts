import { FrameScanner } from "./frame-scanner";

/** A frame of a server. */
function frame(firstByte: number, length: number, fill = "x"): Buffer {
  const payload = Buffer.alloc(length, fill);
  if (length < 126) return Buffer.concat([Buffer.from([firstByte, length]), payload]);
  const isLong = length > 0xffff;
  const header = Buffer.alloc(isLong ? 10 : 4);
  header[0] = firstByte;
  header[1] = isLong ? 127 : 126;
  if (isLong) header.writeBigUInt64BE(BigInt(length), 2);
  else header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}

/** What it finds in chunks. */
function scan(chunks: readonly Buffer[], readBytes?: number): string[] {
  const found: string[] = [];
  const scanner = new FrameScanner(
    {
      data: (length, compressed) => found.push(`data ${length}${compressed ? " compressed" : ""}`),
      short: (opcode, payload) => found.push(`short ${opcode} ${payload.toString()}`),
    },
    readBytes,
  );
  for (const chunk of chunks) scanner.scan(chunk);
  return found;
}

const STREAM = Buffer.concat([
  frame(0x81, 128),
  frame(0xc1, 40),
  frame(0x89, 4, "p"),
  frame(0x82, 70_000),
  frame(0x81, 0),
  frame(0x81, 1, "2"),
  frame(0x88, 2, "c"),
]);
const FOUND = [
  "data 128",
  "data 40 compressed",
  "short 9 pppp",
  "data 70000",
  "short 1 ",
  "short 1 2",
  "short 8 cc",
];

test("frames are found however they are cut", () => {
  for (const size of [1, 2, 3, 7, 64, 129, 1000, 65_536, STREAM.length]) {
    const chunks = [];
    for (let at = 0; at < STREAM.length; at += size) chunks.push(STREAM.subarray(at, at + size));
    expect(scan(chunks, 1)).toEqual(FOUND);
  }
});

test("short data is only read where somebody wants it", () => {
  expect(scan([frame(0x81, 1)])).toEqual(["data 1"]);
  expect(scan([frame(0x81, 1)], 1)).toEqual(["short 1 x"]);
});
