import { Attacked, closeCodeOf, closeTargets, Target } from "./harness/target";
import { liveBytes, untilGivenBack } from "./harness/memory";
import { clientFrame, type RawConnection } from "./harness/raw-connection";
import { until } from "./harness/until";

const MIB = 1024 * 1024;
const fragments = (count: number): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, index) => clientFrame(index === 0 ? 1 : 0, "a", { fin: false })),
  );

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Writes byte by byte, each in a packet of its own as far as the kernel keeps them apart. */
async function drip(attacker: RawConnection, bytes: Buffer): Promise<void> {
  attacker.socket.setNoDelay(true);
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
    attacker.writeFrame(0, "");
    expect((await attacker.frame()).payload).toHaveLength(1023);

    attacker.write(fragments(1024));
    attacker.writeFrame(0, "", { fin: false });
    expect(await closeCodeOf(attacker)).toBe(1008);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1008]);
    expect(target.stats.closesByCode).toEqual({ 1008: 1 });
    expect(target.stats.limits).toEqual({ maxFragments: 1 });
  });

  it("closes with 1008 when one frame drips in more pieces than maxBufferedChunks", async () => {
    const target = await Target.start(new Attacked(), { maxBufferedChunks: 32 });
    const attacker = await target.attack();
    await drip(attacker, clientFrame(1, "a".repeat(20)));
    expect((await attacker.frame()).payload).toHaveLength(20);

    await drip(attacker, clientFrame(1, "a".repeat(1000)));
    expect(await closeCodeOf(attacker)).toBe(1008);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1008]);
    expect(target.stats.limits).toEqual({ maxBufferedChunks: 1 });
  });

  it("pins little, on a hundred connections at a time, and gives it back", async () => {
    const target = await Target.start(new Attacked());
    const attackers: RawConnection[] = [];
    const before = liveBytes();
    const bytes = Buffer.concat([fragments(1000), clientFrame(9, "")]);
    for (let count = 0; count < 100; count += 1) {
      const attacker = await target.attack();
      attackers.push(attacker);
      attacker.write(bytes);
      // The pong comes when the fragments have been taken.
      expect((await attacker.frame()).opcode).toBe(10);
    }
    expect(target.stats.openSessions).toBe(101);
    const pinned = liveBytes() - before;
    expect(pinned).toBeLessThan(50 * MIB);
    await target.echo();

    for (const attacker of attackers) attacker.socket.destroy();
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
  const halfFrame = clientFrame(1, "ab").subarray(0, -1);

  it.each([
    ["half of a header", Buffer.from([0x81])],
    ["a header and no payload", clientFrame(1, "", { length: 1000n })],
    ["half of a frame", halfFrame],
    ["a fragment without an end", clientFrame(1, "a", { fin: false })],
    ["half of a ping", clientFrame(9, "ab").subarray(0, -1)],
    [
      "half of a frame behind whole ones",
      Buffer.concat([clientFrame(1, "a"), clientFrame(1, "b"), halfFrame]),
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
    ["bytes of its frame", clientFrame(1, "", { length: 60_000n }), Buffer.from("a")],
    ["fragments", clientFrame(1, "a", { fin: false }), clientFrame(0, "a", { fin: false })],
    ["pings in between", clientFrame(1, "a", { fin: false }), clientFrame(9, "")],
  ])("is not put off by %s now and then", async (_, start, piece) => {
    const target = await Target.start(new Attacked(), limits);
    const attacker = await target.attack();
    attacker.write(start);
    const dripping = setInterval(() => attacker.write(piece), 20);
    expect(await closeCodeOf(attacker)).toBe(1008);
    clearInterval(dripping);
    await target.expectUnharmed();
    expect(target.stats.limits).toEqual({ unfinishedMessageTimeoutMs: 1 });
  });

  it("is no matter for one that is always in the middle of a message, and finishes each", async () => {
    const target = await Target.start(new Attacked(), limits);
    const peer = await target.attack();
    const frame = clientFrame(1, "abcd");
    const [head, tail] = [frame.subarray(0, 7), frame.subarray(7)];
    const startedAt = performance.now();
    let written = 0;
    peer.write(head);
    const pipelining = setInterval(() => {
      peer.write(Buffer.concat([tail, head]));
      written += 1;
    }, 20);
    await until("three times the limit", () => performance.now() - startedAt > 900);
    clearInterval(pipelining);
    for (let count = 0; count < written; count += 1) expect((await peer.frame()).opcode).toBe(1);
    peer.write(tail);
    expect((await peer.frame()).payload.toString()).toBe("abcd");
    expect(target.stats.limits).toEqual({});
    await peer.end();
    await target.expectUnharmed();
  });
});
