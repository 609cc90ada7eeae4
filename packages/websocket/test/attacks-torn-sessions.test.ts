import fc from "fast-check";
import { encodeRawFrame } from "@vernal/testing";
import type { TextMessage, WebSocketSession } from "../src/index";
import { openRaw, upgradeRequest } from "./harness/raw-connection";
import { openResources, untilFreed } from "./harness/resources";
import { Attacked, closeTargets, Target } from "./harness/target";
import { until } from "./harness/until";

// Handshakes that are torn off: handshake-torn.test.ts.

const SEED = 20_261_122;
const SESSIONS = 400;
const AT_ONCE = 20;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Answers at once or after some turns, with much or little, and to sessions that have long gone. */
class Talkative extends Attacked {
  readonly endings = new Map<string, number>();
  calls = 0;

  override async handleTextMessage(session: WebSocketSession<object>, message: TextMessage): Promise<void> {
    this.calls += 1;
    if (this.calls % 3 === 0) await turn();
    await session.sendMessage(message);
    if (this.calls % 5 === 0) await session.sendMessage("x".repeat(200_000));
    if (this.calls % 7 === 0) throw new Error("The handler fails as well");
  }

  override afterConnectionClosed(...ending: Parameters<Attacked["afterConnectionClosed"]>): void {
    super.afterConnectionClosed(...ending);
    const [{ id }] = ending;
    this.endings.set(id, (this.endings.get(id) ?? 0) + 1);
  }
}

const junk = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes));
const inOrder = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.string({ maxLength: 300 }).map((text) => encodeRawFrame({ opcode: 1, payload: text })),
  },
  fc.constantFrom(9, 10).map((opcode) => encodeRawFrame({ opcode, payload: "p" })),
  fc.constant(
    Buffer.concat([
      encodeRawFrame({ opcode: 2, payload: "a", fin: false }),
      encodeRawFrame({ opcode: 0, payload: "b" }),
    ]),
  ),
);
const last = fc.oneof(
  fc.constantFrom(
    encodeRawFrame({ opcode: 8, payload: Buffer.from([3, 232]) }),
    encodeRawFrame({ opcode: 8 }),
  ),
  fc.constantFrom(
    encodeRawFrame({ opcode: 3, payload: "bad" }),
    encodeRawFrame({ opcode: 1, payload: "a", fin: false }),
    encodeRawFrame({ opcode: 1, payload: Buffer.from([255]) }),
  ),
  fc.nat(70_000).map((length) => encodeRawFrame({ opcode: 2, payload: Buffer.alloc(length) })),
  junk,
);
const attempt = fc.record({
  bytes: fc
    .tuple(fc.array(inOrder, { maxLength: 10 }), last)
    .map(([frames, end]) => Buffer.concat([...frames, end])),
  /** Where it is torn off, as a part of its length; 1 leaves it whole. */
  part: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  /** Whether the frames come in one packet with the handshake. */
  atOnce: fc.boolean(),
  reads: fc.boolean(),
  pauses: fc.tuple(fc.nat(3), fc.nat(6)),
  leave: fc.constantFrom("RST", "FIN"),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer A> ? A : never;

async function make(port: number, { bytes, part, atOnce, reads, pauses, leave }: Attempt): Promise<void> {
  const torn = bytes.subarray(0, Math.floor(bytes.length * part));
  const attacker = await openRaw(port);
  attacker.write(upgradeRequest("/ws"));
  if (!atOnce) await attacker.answer();
  if (!reads) attacker.pause();
  const middle = Math.floor(torn.length / 2);
  attacker.write(torn.subarray(0, middle));
  for (let count = 0; count < pauses[0]; count += 1) await turn();
  attacker.write(torn.subarray(middle));
  for (let count = 0; count < pauses[1]; count += 1) await turn();
  if (leave === "RST") {
    attacker.reset();
  } else {
    attacker.resume();
    attacker.finish();
  }
  await until("the end of a torn session", () => attacker.isEnded);
}

afterEach(closeTargets);

it(`${SESSIONS} sessions, torn off anywhere, each end once and leave nothing behind`, async () => {
  const target = await Target.start(new Talkative());
  const { handler } = target;
  const before = openResources();

  const attempts = fc.sample(attempt, { seed: SEED, numRuns: SESSIONS });
  for (let start = 0; start < attempts.length; start += AT_ONCE) {
    await Promise.all(attempts.slice(start, start + AT_ONCE).map((each) => make(target.port, each)));
    await target.echo();
  }

  await target.expectUnharmed();
  await untilFreed(before);
  expect(handler.endings.size).toBe(handler.sessions.length);
  expect([...handler.endings.values()].every((count) => count === 1)).toBe(true);
  const { closesByCode, openedSessions } = target.stats;
  const ended = Object.values(closesByCode).reduce((sum, count) => sum + count, 0);
  expect(ended).toBe(openedSessions - 1);
  // Each way out was really taken.
  const taken = Object.entries(closesByCode).filter(([, count]) => count >= 2);
  expect(taken.map(([code]) => code)).toEqual(["1000", "1002", "1005", "1006", "1007", "1009", "1011"]);
}, 30_000);

describe("a socket that is reset", () => {
  it.each<[what: string, bytes: Buffer, code: number]>([
    ["right after the handshake", Buffer.alloc(0), 1006],
    ["in the middle of a header", Buffer.from([0x81]), 1006],
    ["in the middle of a message", encodeRawFrame({ opcode: 1, payload: "a", fin: false }), 1006],
    ["behind a close frame", encodeRawFrame({ opcode: 8, payload: Buffer.from([3, 232]) }), 1000],
    ["behind a malformed frame", encodeRawFrame({ opcode: 1, payload: "a", masked: false }), 1002],
  ])("200 times %s ends 200 sessions", async (_, bytes, code) => {
    const target = await Target.start(new Attacked());
    const { handler } = target;
    for (let start = 0; start < 200; start += AT_ONCE) {
      const attackers = await Promise.all(Array.from({ length: AT_ONCE }, () => target.attack()));
      for (const attacker of attackers) {
        attacker.write(bytes);
        attacker.reset();
      }
    }
    await until("the sessions", () => handler.sessions.length === 200);
    await target.expectUnharmed();
    // A reset can overtake what was sent before it.
    expect(handler.statuses.every((status) => status.code === code || status.code === 1006)).toBe(true);
    expect(handler.statuses).toHaveLength(200);
    // An operating system may report a reset as an end.
    expect(handler.failures.length).toBeLessThanOrEqual(200);
  });
});
