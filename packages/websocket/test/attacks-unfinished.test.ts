import { encodeRawFrame, type RawConnection } from "@vernal/testing";
import { Attacked, closeCodeOf, closeTargets, Target } from "./harness/target";
import { liveBytes, untilGivenBack } from "./harness/memory";
import { leave } from "./harness/raw-connection";
import { until } from "./harness/until";

const MIB = 1024 * 1024;
const fragments = (count: number): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      encodeRawFrame({ opcode: index === 0 ? 1 : 0, payload: "a", fin: false }),
    ),
  );

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Writes byte by byte, each in a packet of its own as far as the kernel keeps them apart. */
async function drip(attacker: RawConnection, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    if (attacker.isEnded) return;
    attacker.write(Buffer.from([byte]));
    await turn();
  }
}

afterEach(closeTargets);

describe("a message in many parts", () => {
  it("closes with 1008 at one fragment more than maxFragments, empty ones included", async () => {
    const target = await Target.start(new Attacked());
    const attacker = await target.attack();
    attacker.write(fragments(1023));
    attacker.writeFrame({ opcode: 0 });
    expect((await attacker.nextFrame()).payload).toHaveLength(1023);

    attacker.write(fragments(1024));
    attacker.writeFrame({ opcode: 0, fin: false });
    expect(await closeCodeOf(attacker)).toBe(1008);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1008]);
    expect(target.stats.closesByCode).toEqual({ 1008: 1 });
    expect(target.stats.limits).toEqual({ maxFragments: 1 });
  });

  it("closes with 1008 when one frame drips in more pieces than maxBufferedChunks", async () => {
    const target = await Target.start(new Attacked(), { maxBufferedChunks: 32 });
    const attacker = await target.attack();
    await drip(attacker, encodeRawFrame({ opcode: 1, payload: "a".repeat(20) }));
    expect((await attacker.nextFrame()).payload).toHaveLength(20);

    await drip(attacker, encodeRawFrame({ opcode: 1, payload: "a".repeat(1000) }));
    expect(await closeCodeOf(attacker)).toBe(1008);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1008]);
    expect(target.stats.limits).toEqual({ maxBufferedChunks: 1 });
  });

  it("pins little, on a hundred connections at a time, and gives it back", async () => {
    const target = await Target.start(new Attacked());
    const attackers: RawConnection[] = [];
    const before = liveBytes();
    const bytes = Buffer.concat([fragments(1000), encodeRawFrame({ opcode: 9 })]);
    for (let count = 0; count < 100; count += 1) {
      const attacker = await target.attack();
      attackers.push(attacker);
      attacker.write(bytes);
      // The pong comes when the fragments have been taken.
      expect((await attacker.nextFrame()).opcode).toBe(10);
    }
    expect(target.stats.openSessions).toBe(101);
    const pinned = liveBytes() - before;
    expect(pinned).toBeLessThan(50 * MIB);
    await target.echo();

    for (const attacker of attackers) attacker.destroy();
    await target.expectUnharmed();
    expect(target.stats.closesByCode).toEqual({ 1006: 100 });
    // Whoever keeps a session that has ended keeps what it held.
    target.handler.sessions.length = 0;
    attackers.length = 0;
    await untilGivenBack(before + pinned / 4);
  });
});

describe("a message that is not finished in unfinishedMessageTimeoutMs", () => {
  const limits = { unfinishedMessageTimeoutMs: 300 };
  const halfFrame = encodeRawFrame({ opcode: 1, payload: "ab" }).subarray(0, -1);

  it.each([
    ["half of a header", Buffer.from([0x81])],
    ["a header and no payload", encodeRawFrame({ opcode: 1, claimedLength: 1000n })],
    ["half of a frame", halfFrame],
    ["a fragment without an end", encodeRawFrame({ opcode: 1, payload: "a", fin: false })],
    ["half of a ping", encodeRawFrame({ opcode: 9, payload: "ab" }).subarray(0, -1)],
    [
      "half of a frame behind whole ones",
      Buffer.concat([
        encodeRawFrame({ opcode: 1, payload: "a" }),
        encodeRawFrame({ opcode: 1, payload: "b" }),
        halfFrame,
      ]),
    ],
  ])("closes with 1008: %s", async (_, bytes) => {
    const target = await Target.start(new Attacked(), limits);
    const attacker = await target.attack();
    attacker.write(bytes);
    expect(await closeCodeOf(attacker)).toBe(1008);
    await target.expectUnharmed();
    expect(target.handler.statuses.map((status) => status.toString())).toEqual(["1008 Unfinished message"]);
    expect(target.stats.limits).toEqual({ unfinishedMessageTimeoutMs: 1 });
  });

  it.each<[what: string, start: Buffer, piece: Buffer]>([
    ["bytes of its frame", encodeRawFrame({ opcode: 1, claimedLength: 60_000n }), Buffer.from("a")],
    [
      "fragments",
      encodeRawFrame({ opcode: 1, payload: "a", fin: false }),
      encodeRawFrame({ opcode: 0, payload: "a", fin: false }),
    ],
    [
      "pings in between",
      encodeRawFrame({ opcode: 1, payload: "a", fin: false }),
      encodeRawFrame({ opcode: 9 }),
    ],
  ])("is not put off by %s now and then", async (_, start, piece) => {
    const target = await Target.start(new Attacked(), limits);
    const attacker = await target.attack();
    attacker.write(start);
    const dripping = setInterval(() => attacker.native.write(piece), 20);
    expect(await closeCodeOf(attacker)).toBe(1008);
    clearInterval(dripping);
    await target.expectUnharmed();
    expect(target.stats.limits).toEqual({ unfinishedMessageTimeoutMs: 1 });
  });

  it("is no matter for one that is always in the middle of a message, and finishes each", async () => {
    const target = await Target.start(new Attacked(), limits);
    const peer = await target.attack();
    const frame = encodeRawFrame({ opcode: 1, payload: "abcd" });
    const [head, tail] = [frame.subarray(0, 7), frame.subarray(7)];
    const startedAt = performance.now();
    let written = 0;
    peer.write(head);
    const pipelining = setInterval(() => {
      peer.native.write(Buffer.concat([tail, head]));
      written += 1;
    }, 20);
    await until("three times the limit", () => performance.now() - startedAt > 900);
    clearInterval(pipelining);
    for (let count = 0; count < written; count += 1) expect((await peer.nextFrame()).opcode).toBe(1);
    peer.write(tail);
    expect((await peer.nextFrame()).payload.toString()).toBe("abcd");
    expect(target.stats.limits).toEqual({});
    await leave(peer);
    await target.expectUnharmed();
  });
});
