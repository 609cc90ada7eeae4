import fc from "fast-check";
import { encodeRawFrame } from "../../../test/harness/raw-connection";
import { followFrames, type UnfinishedMessage } from "./frame-boundaries";

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
      const part = encodeRawFrame({ opcode, payload: Buffer.alloc(size, 0x88), fin, masked });
      return pings && !fin ? [part, encodeRawFrame({ opcode: PING, payload: "x", masked })] : [part];
    }),
  );

it("is at a boundary exactly where a message ends, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
      (messages, steps) => {
        const ends = new Set<number>();
        let length = 0;
        for (const parts of messages) {
          for (const part of parts) length += part.length;
          ends.add(length);
        }
        const stream = Buffer.concat(messages.flat());
        let unfinished: UnfinishedMessage | undefined;
        for (let at = 0, step = 0; at < stream.length; step += 1) {
          const from = at;
          const before = unfinished;
          at = Math.min(stream.length, at + steps[step % steps.length]!);
          unfinished = followFrames(before, stream.subarray(from, at));
          expect(unfinished === undefined).toBe(ends.has(at));
          const isAnother = [...ends].some((end) => end > from && end < at);
          if (before !== undefined && unfinished !== undefined) {
            expect(unfinished !== before).toBe(isAnother);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

it("sees a boundary after a control frame by itself, and none after one between fragments", () => {
  expect(followFrames(undefined, encodeRawFrame({ opcode: PING, payload: "x" }))).toBeUndefined();
  const begun = followFrames(undefined, encodeRawFrame({ opcode: TEXT, payload: "a", fin: false }));
  expect(begun).toBeDefined();
  expect(followFrames(begun, encodeRawFrame({ opcode: PING, payload: "x" }))).toBe(begun);
  expect(followFrames(begun, encodeRawFrame({ opcode: CONTINUATION, payload: "b" }))).toBeUndefined();
});

it("keeps nothing of messages that come whole", () => {
  const sizes = [0, 1, 125, 126, 5000];
  const whole = sizes.map((size) => encodeRawFrame({ opcode: TEXT, payload: Buffer.alloc(size) }));
  expect(followFrames(undefined, Buffer.concat(whole))).toBeUndefined();
});
