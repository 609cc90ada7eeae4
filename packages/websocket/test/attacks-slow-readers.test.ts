import { encodeRawFrame, type RawConnection } from "@vernal/testing";
import type { TextMessage, WebSocketSession } from "../src/index";
import { liveBytes, untilGivenBack } from "./harness/memory";
import { Attacked, closeTargets, Target } from "./harness/target";
import { until } from "./harness/until";

// What becomes of the messages, and of a peer that comes back to read: slow-peers.test.ts.

const KIB = 1024;
const MIB = 1024 * KIB;

/** Answers each message with many times its size: `"<answers> <bytes>"`. */
class Amplifying extends Attacked {
  override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void {
    const [answers = 0, bytes = 0] = message.payload.split(" ").map(Number);
    for (let count = 0; count < answers; count += 1) void session.sendMessage(Buffer.alloc(bytes, "x"));
  }
}

async function deafAttacker(target: Target<Amplifying>): Promise<RawConnection> {
  const attacker = await target.attack();
  attacker.pause();
  return attacker;
}

/** Also one that has been cut. */
function askForMuch({ native }: RawConnection): void {
  native.write(encodeRawFrame({ opcode: 1, payload: "1 60000" }));
}

afterEach(closeTargets);

it("a peer that asks for much and reads nothing is closed with 4500, and cut", async () => {
  const target = await Target.start(new Amplifying(), { closeTimeoutMs: 50 });
  const { handler } = target;
  const attacker = await deafAttacker(target);
  const before = liveBytes();
  while (handler.statuses.length === 0) {
    askForMuch(attacker);
    await target.echo();
  }
  attacker.destroy();
  await target.expectUnharmed();
  expect(handler.statuses.map(({ code }) => code)).toEqual([4500]);
  expect(target.stats.closesByCode).toEqual({ 4500: 1 });
  expect(target.stats.limits).toEqual({ sendBufferLimitBytes: 1 });
  // The limit and what was sent before a turn had passed.
  expect(target.stats.highestBufferedBytes).toBeLessThan(MIB);
  await untilGivenBack(before + 2 * MIB);
});

it("no session gets more than sendBufferLimitBytes and maxBurstBytes, however much one message asks for", async () => {
  const limits = { sendBufferLimitBytes: 256 * KIB, maxBurstBytes: MIB, closeTimeoutMs: 50 };
  const target = await Target.start(new Amplifying(), limits);
  const { handler } = target;
  const attacker = await deafAttacker(target);
  attacker.writeFrame({ opcode: 1, payload: "5000 10000" });
  await until("the end", () => handler.statuses.length === 1);
  attacker.destroy();
  await target.expectUnharmed();
  expect(handler.statuses.map(({ code }) => code)).toEqual([4500]);
  expect(target.stats.limits).toEqual({ maxBurstBytes: 1 });
  expect(target.stats.highestBufferedBytes).toBeLessThanOrEqual(256 * KIB + MIB + 11_000);
});

it("thirty of them hold thirty times the limit at the most, and give it back", async () => {
  const target = await Target.start(new Amplifying(), { sendBufferLimitBytes: 64 * KIB, closeTimeoutMs: 50 });
  const { handler } = target;
  const before = liveBytes();
  const attackers = await Promise.all(Array.from({ length: 30 }, () => deafAttacker(target)));
  let most = 0;
  while (handler.statuses.length < attackers.length) {
    for (const attacker of attackers) askForMuch(attacker);
    await target.echo();
    const held = handler.sessions.reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0);
    most = Math.max(most, held);
  }
  expect(most).toBeGreaterThan(64 * KIB);
  // The limit, and what was sent before a turn had passed.
  expect(most).toBeLessThan(30 * 256 * KIB);
  for (const attacker of attackers) attacker.destroy();
  await target.expectUnharmed();
  expect(target.stats.closesByCode).toEqual({ 4500: 30 });
  await untilGivenBack(before + 5 * MIB);
});
