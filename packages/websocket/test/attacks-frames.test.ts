import { encodeRawFrame, type RawFrameOptions } from "@vernal/testing";
import { Attacked, closeCodeOf, closeTargets, Target } from "./harness/target";

type Attack = readonly [what: string, bytes: Buffer | readonly Buffer[], limit?: string];

const text = (bytes: readonly number[], options?: Partial<RawFrameOptions>): Buffer =>
  encodeRawFrame({ opcode: 1, payload: Buffer.from(bytes), ...options });
const fragment = (opcode: number, payload: string | readonly number[]): Buffer =>
  encodeRawFrame({ opcode, payload: Buffer.from(payload as string), fin: false });
const closing = (...payload: number[]): Buffer =>
  encodeRawFrame({ opcode: 8, payload: Buffer.from(payload) });
const closeCode = (code: number): Buffer => closing(code >> 8, code & 0xff);

const PROTOCOL: readonly Attack[] = [
  ["an unmasked frame", encodeRawFrame({ opcode: 1, payload: "a", masked: false })],
  ["an unmasked close", encodeRawFrame({ opcode: 8, payload: Buffer.from([3, 232]), masked: false })],
  ...[1, 2, 3, 4, 5, 6, 7].map((bits): Attack => [
    `reserved bits ${bits}`,
    encodeRawFrame({ opcode: 1, payload: "a", reserved: bits }),
  ]),
  ["a reserved bit of a control frame", encodeRawFrame({ opcode: 9, reserved: 4 })],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): Attack => [
    `opcode ${opcode}`,
    encodeRawFrame({ opcode, payload: "a" }),
  ]),
  ...[8, 9, 10].map((opcode): Attack => [
    `126 bytes in a control frame ${opcode}`,
    encodeRawFrame({ opcode, payload: "a".repeat(126) }),
  ]),
  ...[8, 9, 10].map((opcode): Attack => [
    `a fragment of a control frame ${opcode}`,
    encodeRawFrame({ opcode, fin: false }),
  ]),
  ["a continuation of nothing", encodeRawFrame({ opcode: 0, payload: "a" })],
  [
    "a continuation of a finished message",
    [encodeRawFrame({ opcode: 1, payload: "a" }), encodeRawFrame({ opcode: 0, payload: "a" })],
  ],
  ["a message inside of a message", [fragment(1, "a"), encodeRawFrame({ opcode: 1, payload: "b" })]],
  ["a fragment of a new message inside of one", [fragment(2, "a"), fragment(1, "b")]],
  ["a close payload of one byte", closing(3)],
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code): Attack => [
    `the close code ${code}`,
    closeCode(code),
  ]),
];

const BAD_TEXT: readonly Attack[] = [
  ["a byte that is none of UTF-8", text([0x61, 0xff])],
  ["a lone continuation byte", text([0x80])],
  ["a surrogate", text([0xed, 0xa0, 0x80])],
  ["a pair of surrogates", text([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80])],
  ["an overlong slash", text([0xc0, 0xaf])],
  ["an overlong NUL", text([0xe0, 0x80, 0x80])],
  ["a code point beyond the last", text([0xf4, 0x90, 0x80, 0x80])],
  ["a character that is cut off", text([0xe2, 0x82])],
  [
    "a bad byte in the second fragment",
    [fragment(1, "a"), encodeRawFrame({ opcode: 0, payload: Buffer.from([0xff]) })],
  ],
  [
    "a character cut off by the end of the last fragment",
    [fragment(1, [0xe2]), encodeRawFrame({ opcode: 0, payload: Buffer.from([0x82]) })],
  ],
  ["a close reason that is no UTF-8", closing(3, 232, 0xc3, 0x28)],
];

const TOO_BIG: readonly Attack[] = [
  [
    "a header that announces one byte too much",
    encodeRawFrame({ opcode: 1, claimedLength: 65_537n }),
    "maxMessageBytes",
  ],
  [
    "a header that announces 4 GiB",
    encodeRawFrame({ opcode: 2, claimedLength: 2n ** 32n }),
    "maxMessageBytes",
  ],
  [
    "a header that announces 2^53 bytes",
    encodeRawFrame({ opcode: 2, claimedLength: 2n ** 53n }),
    "maxMessageBytes",
  ],
  [
    "a header that announces 2^63 bytes",
    encodeRawFrame({ opcode: 2, claimedLength: 2n ** 63n }),
    "maxMessageBytes",
  ],
  [
    "a header that announces 2^64 - 1 bytes",
    encodeRawFrame({ opcode: 2, claimedLength: 2n ** 64n - 1n }),
    "maxMessageBytes",
  ],
  [
    "fragments that add up to too much",
    [fragment(1, "a".repeat(40_000)), fragment(0, "a".repeat(25_536)), fragment(0, "a")],
    "maxMessageBytes",
  ],
];

let target: Target;

beforeAll(async () => {
  target = await Target.start(new Attacked());
});
afterAll(closeTargets);

describe.each([
  [1002, PROTOCOL],
  [1007, BAD_TEXT],
  [1009, TOO_BIG],
])("%i answers", (code, attacks) => {
  // Each row filled up: jest takes a missing last argument for a callback.
  it.each(attacks.map(([what, bytes, limit]) => [what, bytes, limit] as const))(
    "%s",
    async (_, bytes, limit) => {
      const { handler } = target;
      const before = target.stats;
      const [endedBefore, failedBefore] = [handler.statuses.length, handler.failures.length];

      const attacker = await target.attack();
      attacker.writeFrame({ opcode: 1, payload: "a message in order" });
      attacker.write(Buffer.concat([bytes].flat()));
      // What comes behind is not looked at.
      attacker.writeFrame({ opcode: 1, payload: "after the attack" });
      expect((await attacker.nextFrame()).payload.toString()).toBe("a message in order");
      expect(await closeCodeOf(attacker)).toBe(code);

      await target.expectUnharmed();
      expect(handler.statuses.slice(endedBefore).map((status) => status.code)).toEqual([code]);
      expect(handler.failures).toHaveLength(failedBefore + 1);
      const after = target.stats;
      expect(after.closesByCode[code]).toBe((before.closesByCode[code] ?? 0) + 1);
      const counted = limit === undefined ? {} : { [limit]: (before.limits[limit] ?? 0) + 1 };
      expect(after.limits).toEqual({ ...before.limits, ...counted });
      expect(after.refusalsByStatus).toEqual({});
    },
  );
});

it("what only looks like these attacks is served", async () => {
  const attacker = await target.attack();
  const longest = "a".repeat(65_536);
  attacker.write(
    Buffer.concat([
      // A character in two fragments, a ping between them, and as much as is allowed.
      fragment(1, [0xe2, 0x82]),
      encodeRawFrame({ opcode: 9, payload: "p".repeat(125) }),
      encodeRawFrame({ opcode: 0, payload: Buffer.from([0xac]) }),
      encodeRawFrame({ opcode: 1, payload: longest }),
      fragment(1, ""),
      encodeRawFrame({ opcode: 0 }),
    ]),
  );
  const frames = [];
  for (let count = 0; count < 4; count += 1) frames.push(await attacker.nextFrame());
  const texts = frames.filter(({ opcode }) => opcode === 1).map(({ payload }) => payload.toString());
  expect(texts).toEqual(["€", longest, ""]);
  expect(frames.find(({ opcode }) => opcode === 10)?.payload).toHaveLength(125);
  attacker.write(closeCode(3000));
  expect(await closeCodeOf(attacker)).toBe(3000);
  await target.expectUnharmed();
  expect(target.handler.statuses.at(-1)!.code).toBe(3000);
});
