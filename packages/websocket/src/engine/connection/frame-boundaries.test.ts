import fc from "fast-check";
import { clientFrame } from "../../../test/harness/raw-connection";
import { FrameBoundaries } from "./frame-boundaries";

const TEXT = 1;
const CONTINUATION = 0;
const PING = 9;

/** The parts of one message: unfragmented, or in fragments with pings between them. */
const message = fc
  .record({
    sizes: fc.array(fc.constantFrom(0, 1, 5, 125, 126, 127, 300, 65_535, 65_536, 70_000), {
      minLength: 1,
      maxLength: 4,
    }),
    pings: fc.boolean(),
    masked: fc.boolean(),
  })
  .map(({ sizes, pings, masked }) =>
    sizes.flatMap((size, index) => {
      const fin = index === sizes.length - 1;
      const opcode = index === 0 ? TEXT : CONTINUATION;
      const part = clientFrame(opcode, Buffer.alloc(size, 0x88), { fin, masked });
      return pings && !fin ? [part, clientFrame(PING, "x", { masked })] : [part];
    }),
  );

it("is at a boundary exactly where a message ends, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
      (messages, steps) => {
        const boundaries = new FrameBoundaries();
        const ends = new Set<number>([0]);
        let length = 0;
        for (const parts of messages) {
          for (const part of parts) length += part.length;
          ends.add(length);
        }
        const stream = Buffer.concat(messages.flat());
        for (let at = 0, step = 0; at < stream.length; step += 1) {
          const to = Math.min(stream.length, at + steps[step % steps.length]!);
          boundaries.take(stream.subarray(at, to));
          at = to;
          expect(boundaries.isUnfinished).toBe(!ends.has(at));
        }
        expect(boundaries.finished).toBe(messages.length);
      },
    ),
    { numRuns: 200 },
  );
});

it("sees a boundary after a control frame by itself, and none after one between fragments", () => {
  const boundaries = new FrameBoundaries();
  boundaries.take(clientFrame(PING, "x"));
  expect([boundaries.isUnfinished, boundaries.finished]).toEqual([false, 1]);
  boundaries.take(clientFrame(TEXT, "a", { fin: false }));
  boundaries.take(clientFrame(PING, "x"));
  expect([boundaries.isUnfinished, boundaries.finished]).toEqual([true, 1]);
  boundaries.take(clientFrame(CONTINUATION, "b"));
  expect([boundaries.isUnfinished, boundaries.finished]).toEqual([false, 2]);
});
