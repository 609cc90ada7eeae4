import { encodeRawFrame } from "@vernal/testing";
import type { TextMessage, WebSocketSession } from "../src/index";
import { leave } from "./harness/raw-connection";
import { Attacked, closeCodeOf, closeTargets, Target } from "./harness/target";
import { until } from "./harness/until";

const DIGITS = 6;
/** So many of the numbered messages below come in one read of 64 KiB. */
const IN_ONE_READ = Math.ceil((64 * 1024) / (6 + DIGITS));

/** Text frames that say 0, 1, 2 and so on, masked with zeros, which leaves the payload as it is. */
function numbered(count: number): Buffer {
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | DIGITS, 0, 0, 0, 0]), Buffer.alloc(DIGITS)]);
  const all = Buffer.alloc(count * frame.length);
  for (let index = 0; index < count; index += 1) {
    frame.copy(all, index * frame.length);
    all.write(String(index).padStart(DIGITS, "0"), index * frame.length + 6, "latin1");
  }
  return all;
}

type Work = () => void | Promise<void>;

/** Expects numbered messages, and does some work for each. */
class Counting extends Attacked {
  count = 0;
  misplaced = 0;
  readonly #work: Work;

  constructor(work: Work) {
    super();
    this.#work = work;
  }

  override handleTextMessage(_session: WebSocketSession<object>, message: TextMessage): void | Promise<void> {
    if (Number(message.payload) !== this.count) this.misplaced += 1;
    this.count += 1;
    return this.#work();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

afterEach(closeTargets);

describe("a flood of tiny messages", () => {
  it.each<[kind: string, total: number, work: Work]>([
    ["synchronous", 150_000, () => {}],
    ["asynchronous, settled at once,", 100_000, async () => {}],
    ["asynchronous, a turn each,", 15_000, turn],
  ])(
    "at a handler that is %s loses nothing, keeps its order, and others get their turn",
    async (_, total, work) => {
      const target = await Target.start(new Counting(work));
      const { handler } = target;
      const attacker = await target.attack();
      attacker.write(numbered(total));
      await until("the flood", () => handler.count > 0);
      // A client and a server take a few turns for an echo, of 64 callbacks of the flood each.
      for (let count = 0; count < 20; count += 1) {
        const before = handler.count;
        await target.echo();
        expect(handler.count - before).toBeLessThan(64 * 40);
      }
      expect(handler.count).toBeLessThan(total);
      await until("all of it", () => handler.count === total);
      expect(handler.misplaced).toBe(0);
      // It pauses, and loses nothing for it.
      expect(target.stats.limits).toEqual({ maxPendingMessages: expect.any(Number) as number });
      expect(target.stats.discardedMessages).toBe(0);
      attacker.writeFrame({ opcode: 8, payload: Buffer.from([3, 232]) });
      expect(await closeCodeOf(attacker)).toBe(1000);
      await target.expectUnharmed();
    },
  );

  it("waits in the kernel and not in the process, while its handler is stuck", async () => {
    let release!: () => void;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const target = await Target.start(new Counting(() => stuck));
    const { handler } = target;
    const attacker = await target.attack();
    const total = 500_000;
    attacker.write(numbered(total));
    await until("the pause", () => target.stats.pausedSessions === 1);
    for (let count = 0; count < 20; count += 1) await target.echo();
    expect(handler.count).toBe(1);
    expect(target.stats.received.messages).toBeLessThanOrEqual(2 * IN_ONE_READ);
    expect(attacker.native.writableLength).toBeGreaterThan(0);
    attacker.destroy();
    release();
    await target.expectUnharmed();
    expect(handler.misplaced).toBe(0);
  });
});

describe("messageRate", () => {
  const rate = { messageRate: { perSecond: 1, burst: 20 } };

  it.each([
    ["messages", 1],
    ["pings", 9],
    ["pongs", 10],
  ])("lets a burst of %s pass and closes with 1008 at the next one", async (_, opcode) => {
    const target = await Target.start(new Attacked(), rate);
    const attacker = await target.attack();
    attacker.write(Buffer.concat(Array<Buffer>(20).fill(encodeRawFrame({ opcode, payload: "a" }))));
    await target.echo();
    expect(target.stats.limits).toEqual({});
    attacker.write(Buffer.concat(Array<Buffer>(1000).fill(encodeRawFrame({ opcode, payload: "a" }))));
    expect(await closeCodeOf(attacker)).toBe(1008);
    await target.expectUnharmed();
    expect(target.handler.statuses.map((status) => status.toString())).toEqual(["1008 Too many messages"]);
    // Two answers to the bystander; and tokens come back by the clock, so it may be a few more than the burst.
    const answered = target.stats.sent.messages - 2;
    expect(answered).toBeGreaterThanOrEqual(opcode === 1 ? 20 : 0);
    expect(answered).toBeLessThanOrEqual(opcode === 1 ? 25 : 0);
    expect(target.stats.limits).toEqual({ messageRate: 1 });
    expect(target.stats.closesByCode).toEqual({ 1008: 1 });
  });

  it("cuts a peer that goes on to flood after the 1008", async () => {
    const target = await Target.start(new Attacked(), { ...rate, closeTimeoutMs: 50 });
    const attacker = await target.attack();
    const flooding = setInterval(() => attacker.native.write(numbered(1000)), 5);
    await until("the cut", () => attacker.isEnded);
    clearInterval(flooding);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1008]);
  });

  it("leaves a peer alone that keeps within it", async () => {
    const target = await Target.start(new Attacked(), { messageRate: { perSecond: 1000, burst: 5 } });
    const peer = await target.attack();
    for (let count = 0; count < 100; count += 1) {
      const sentAt = performance.now();
      peer.writeFrame({ opcode: 1, payload: "a" });
      expect((await peer.nextFrame()).opcode).toBe(1);
      await until("the next token", () => performance.now() - sentAt >= 1);
    }
    expect(target.stats.limits).toEqual({});
    await leave(peer);
    await target.expectUnharmed();
  });

  it("does not hold against a peer what came in while its socket was paused", async () => {
    let release!: () => void;
    const busy = new Promise<void>((resolve) => (release = resolve));
    const target = await Target.start(new Counting(() => busy), {
      messageRate: { perSecond: 100, burst: 10 },
      maxPendingMessages: 4,
    });
    const { handler } = target;
    const peer = await target.attack();
    const messages = numbered(40);
    peer.write(messages.subarray(0, 10 * (6 + DIGITS)));
    await until("the pause", () => target.stats.pausedSessions === 1);
    const pausedAt = performance.now();
    // As fast as the rate allows, but read all at once: three times the burst.
    peer.write(messages.subarray(10 * (6 + DIGITS)));
    await until("the time for 30 messages", () => performance.now() - pausedAt > 310);
    release();
    await until("all of them", () => handler.count === 40);
    expect(handler.misplaced).toBe(0);
    expect(target.stats.limits).not.toHaveProperty("messageRate");
    await leave(peer);
    await target.expectUnharmed();
  });
});
