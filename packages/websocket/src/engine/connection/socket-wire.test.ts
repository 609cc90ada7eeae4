import { Duplex } from "node:stream";
import { BINARY, encodeFrame, framePayload, TEXT } from "./frame";
import { SocketWire } from "./socket-wire";

/** Keeps what would be one system call each, as the lengths of its buffers. */
class CountingSocket extends Duplex {
  readonly calls: number[][] = [];
  bytes = Buffer.alloc(0);

  override _read(): void {}

  override _write(chunk: Buffer, encoding: string, written: () => void): void {
    this._writev([{ chunk }], written);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], written: () => void): void {
    this.calls.push(chunks.map(({ chunk }) => chunk.length));
    this.bytes = Buffer.concat([this.bytes, ...chunks.map(({ chunk }) => chunk)]);
    written();
  }
}

function wired(): { socket: CountingSocket; wire: SocketWire } {
  const socket = new CountingSocket();
  return { socket, wire: new SocketWire(socket) };
}

const ignore = (): void => {};

function writeText(wire: SocketWire, text: string): void {
  wire.writePayload(TEXT, text, Buffer.byteLength(text));
}

const small = encodeFrame("b".repeat(100));
const large = encodeFrame(Buffer.alloc(5000, "L"));

it("puts small payloads together into one buffer", () => {
  const { socket, wire } = wired();
  for (let count = 0; count < 16; count += 1) writeText(wire, "a".repeat(128));
  expect(wire.bufferedAmount).toBe(16 * 132);
  expect(socket.calls).toEqual([]);
  expect(wire.flush(ignore)).toBe(1);
  expect(socket.calls).toEqual([[16 * 132]]);
  expect(wire.bufferedAmount).toBe(0);
});

it("does so wherever in its place they begin, and gives up one buffer only for much", () => {
  const { socket, wire } = wired();
  const text = "a".repeat(128);
  for (let flushes = 0; flushes < 20; flushes += 1) {
    for (let count = 0; count < 16; count += 1) writeText(wire, `${count}`.padEnd(128, text));
    wire.flush(ignore);
  }
  expect(socket.calls).toEqual(Array(20).fill([16 * 132]));
  const sent = Array.from({ length: 320 }, (_, index) => `${index % 16}`.padEnd(128, text));
  expect(socket.bytes).toEqual(Buffer.concat(sent.map((each) => encodeFrame(each).head)));
  for (let count = 0; count < 200; count += 1) writeText(wire, text);
  wire.flush(ignore);
  expect(socket.calls.at(-1)!.reduce((sum, length) => sum + length)).toBe(200 * 132);
  expect(socket.calls.at(-1)!.length).toBeLessThan(6);
});

it("writes a frame that is alone as it is, and copies it where it has neighbours", () => {
  const { socket, wire } = wired();
  const written: Buffer[] = [];
  const write = socket.write.bind(socket);
  socket.write = (chunk: Buffer) => (written.push(chunk), write(chunk));
  wire.write(small);
  wire.flush(ignore);
  expect(written[0]).toBe(small.head);
  wire.write(small);
  wire.write(small);
  wire.flush(ignore);
  expect(socket.calls).toEqual([[102], [204]]);
});

it("does not copy what is large, and keeps the order around it, in one call", () => {
  const { socket, wire } = wired();
  writeText(wire, "first");
  wire.write(small);
  wire.write(large);
  writeText(wire, "second");
  wire.writePayload(BINARY, framePayload(large), 5000);
  writeText(wire, "third");
  wire.flush(ignore);
  const frames = [encodeFrame("first"), small, large, encodeFrame("second"), large, encodeFrame("third")];
  const expected = frames.flatMap(({ head, body }) => (body === undefined ? [head] : [head, body]));
  expect(socket.bytes).toEqual(Buffer.concat(expected));
  expect(socket.calls).toEqual([[7 + 102 + 4, 5000, 8 + 4, 5000, 7]]);
});

it("shares the place where it does so with others, whose bytes stay their own", () => {
  const one = wired();
  const other = wired();
  for (let count = 0; count < 3; count += 1) {
    writeText(one.wire, `one ${count}`);
    writeText(other.wire, `other ${count}`);
  }
  one.wire.flush(ignore);
  other.wire.flush(ignore);
  const framed = (name: string): Buffer =>
    Buffer.concat([0, 1, 2].map((count) => encodeFrame(`${name} ${count}`).head));
  expect(one.socket.bytes).toEqual(framed("one"));
  expect(other.socket.bytes).toEqual(framed("other"));
  expect([one.socket.calls.length, other.socket.calls.length]).toEqual([1, 1]);
});

it("lets others write behind what it has taken, and all of it leaves in one call", () => {
  const { socket, wire } = wired();
  writeText(wire, "before");
  expect(wire.flushEarly(ignore)).toBe(1);
  socket.write("|");
  writeText(wire, "behind");
  expect(wire.flushEarly(ignore)).toBe(1);
  expect(wire.flushEarly(ignore)).toBe(0);
  expect(socket.calls).toEqual([]);
  expect(wire.flush(ignore)).toBe(0);
  expect(socket.calls).toEqual([[8, 1, 8]]);
});

it("writes nothing to a socket that ws has ended meanwhile, and says that it failed", async () => {
  const { socket, wire } = wired();
  const errors: unknown[] = [];
  socket.on("error", (error) => errors.push(error));
  writeText(wire, "too late");
  socket.end();
  const failure = await new Promise((resolve) => wire.flush(resolve));
  expect(failure).toBeInstanceOf(Error);
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([]);
  expect([socket.calls, wire.bufferedAmount]).toEqual([[], 0]);
});

it("says once per call of the system that it is finished, when the last byte is", async () => {
  const { wire } = wired();
  let finished = 0;
  wire.write(large);
  wire.write(large);
  wire.flush(() => (finished += 1));
  await new Promise((resolve) => setImmediate(resolve));
  expect(finished).toBe(1);
});
