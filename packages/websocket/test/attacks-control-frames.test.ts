import { encodeRawFrame } from "@vernal/testing";
import type { PongMessage, WebSocketSession } from "../src/index";
import { leave } from "./harness/raw-connection";
import { Attacked, closeCodeOf, closeTargets, Target } from "./harness/target";
import { liveBytes, untilGivenBack } from "./harness/memory";
import { until } from "./harness/until";

const MIB = 1024 * 1024;
const PING = 9;
const PONG = 10;
const repeated = (opcode: number, count: number, payload = ""): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => encodeRawFrame({ opcode, payload })));

/** Keeps the pongs, and lets the test hold up the next ones. */
class PongKeeper extends Attacked {
  pongs = 0;
  held: Promise<void> | undefined;

  override handlePongMessage(
    _session: WebSocketSession<object>,
    _message: PongMessage,
  ): void | Promise<void> {
    this.pongs += 1;
    return this.held;
  }
}

afterEach(closeTargets);

describe("pings", () => {
  it("by the thousand in one write are answered by the newest of each turn, and cut nobody", async () => {
    const target = await Target.start(new Attacked());
    const attacker = await target.attack();
    // ws by itself would cut at the 61st.
    attacker.write(
      Buffer.concat([
        repeated(PING, 2000, "old"),
        encodeRawFrame({ opcode: PING, payload: "newest" }),
        encodeRawFrame({ opcode: 1, payload: "x" }),
      ]),
    );
    const answers = [await attacker.nextFrame()];
    while (answers.at(-1)!.payload.toString() !== "newest") answers.push(await attacker.nextFrame());
    expect(answers.every(({ opcode }) => opcode === PONG || opcode === 1)).toBe(true);
    // A read brings up to 64 KiB: the flood above comes in a few.
    expect(answers.length).toBeLessThan(10);
    expect(target.stats.openSessions).toBe(2);
    await leave(attacker);
    await target.expectUnharmed();
    expect(target.stats.limits).toEqual({});
  });

  it("of a peer that reads nothing cost one pong, not one for each", async () => {
    const target = await Target.start(new Attacked());
    const attacker = await target.attack();
    attacker.pause();
    const flood = repeated(PING, 5000, "p".repeat(125));
    const before = liveBytes();
    await until("the session", () => target.handler.sessions.length === 1);
    const session = target.handler.sessions[0]!;
    // Far more than the kernel takes of pongs, were each answered: 40 times 650 KB.
    for (let count = 0; count < 40; count += 1) {
      attacker.write(flood);
      await until("the flood to leave", () => attacker.native.writableLength === 0);
      await target.echo();
      expect(session.bufferedAmount).toBeLessThan(1000);
    }
    await untilGivenBack(before + 5 * MIB);
    expect(target.stats.openSessions).toBe(2);
    attacker.destroy();
    await target.expectUnharmed();
  });

  it("keep nothing of what they carry when the session ends in the middle", async () => {
    const target = await Target.start(new Attacked());
    const attacker = await target.attack();
    attacker.write(
      Buffer.concat([
        repeated(PING, 100),
        encodeRawFrame({ opcode: 8, payload: Buffer.from([3, 232]) }),
        repeated(PING, 100),
      ]),
    );
    expect(await closeCodeOf(attacker)).toBe(1000);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1000]);
  });
});

describe("pongs that nobody asked for", () => {
  it("go to the handler, each, and pause the socket where it is busy", async () => {
    const target = await Target.start(new PongKeeper());
    const { handler } = target;
    let release!: () => void;
    handler.held = new Promise((resolve) => (release = resolve));
    const attacker = await target.attack();
    const flood = repeated(PONG, 50_000, "p".repeat(10));
    attacker.write(flood);
    await until("the pause", () => target.stats.pausedSessions === 1);
    expect(handler.pongs).toBe(1);
    await target.echo();
    release();
    await until("all of them", () => handler.pongs === 50_000);
    attacker.destroy();
    await target.expectUnharmed();
    expect(target.stats.limits).toEqual({ maxPendingMessages: expect.any(Number) as number });
  });
});

describe("close frames", () => {
  it("by the thousand are one close", async () => {
    const target = await Target.start(new Attacked());
    const attacker = await target.attack();
    const [first, second] = [Buffer.from([3, 233]), Buffer.from([15, 160])];
    attacker.write(
      Buffer.concat([
        encodeRawFrame({ opcode: 8, payload: first }),
        ...Array<Buffer>(5000).fill(encodeRawFrame({ opcode: 8, payload: second })),
      ]),
    );
    const frame = await attacker.nextFrame();
    expect(frame).toMatchObject({ opcode: 8, payload: first });
    expect(await leave(attacker)).toHaveLength(0);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1001]);
    expect(target.stats.closesByCode).toEqual({ 1001: 1 });
  });

  it("of a peer that then stays are cut after closeTimeoutMs, whatever it goes on to send", async () => {
    const target = await Target.start(new Attacked(), { closeTimeoutMs: 50 });
    const attacker = await target.attack();
    attacker.writeFrame({ opcode: 8, payload: Buffer.from([3, 232]) });
    const flooding = setInterval(() => attacker.native.write(repeated(1, 100, "a")), 5);
    await until("the cut", () => attacker.isEnded);
    clearInterval(flooding);
    await target.expectUnharmed();
    expect(target.handler.statuses.map(({ code }) => code)).toEqual([1000]);
    expect(target.stats.received.messages).toBe(1);
  });
});
