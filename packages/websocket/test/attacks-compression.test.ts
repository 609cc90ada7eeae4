import { constants, deflateRawSync } from "node:zlib";
import { encodeRawFrame, type RawConnection } from "@vernal/testing";
import type { BinaryMessage, WebSocketSession } from "../src/index";
import { untilGivenBack, liveBytes } from "./harness/memory";
import { upgradeRaw } from "./harness/raw-connection";
import { Attacked, closeCodeOf, closeTargets, Target } from "./harness/target";
import { until } from "./harness/until";

// What is agreed to, and that the inflated size counts: compression.test.ts.

const KIB = 1024;
const MIB = 1024 * KIB;
/** The first reserved bit of a frame says that its message is compressed (RFC 7692 section 6). */
const COMPRESSED = { reserved: 0b100 };

function deflated(bytes: Buffer): Buffer {
  return deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Takes its time for binary messages. */
class Slow extends Attacked {
  handled = 0;
  held: Promise<void> | undefined;

  override handleBinaryMessage(
    _session: WebSocketSession<object>,
    _message: BinaryMessage,
  ): void | Promise<void> {
    this.handled += 1;
    return this.held;
  }
}

const attack = (target: Target): Promise<RawConnection> =>
  upgradeRaw(target.port, "/ws", ["Sec-WebSocket-Extensions: permessage-deflate"]);

afterEach(closeTargets);

it("twenty bombs of 60 MiB in 60 KB each are answered with 1009 and inflated to 64 KiB only", async () => {
  const target = await Target.start(new Slow(), { perMessageDeflate: true });
  const bomb = deflated(Buffer.alloc(60 * MIB));
  // It gets past the check of the frame's own length.
  expect(bomb.length).toBeLessThan(64 * KIB);
  const attackers = await Promise.all(Array.from({ length: 20 }, () => attack(target)));
  const peak = process.resourceUsage().maxRSS;
  for (const attacker of attackers) attacker.writeFrame({ opcode: 2, payload: bomb, ...COMPRESSED });
  for (const attacker of attackers) expect(await closeCodeOf(attacker)).toBe(1009);
  // Of 1200 MiB; in KiB.
  expect(process.resourceUsage().maxRSS - peak).toBeLessThan(100 * KIB);
  await target.expectUnharmed();
  expect(target.handler.handled).toBe(0);
  expect(target.handler.statuses.map(({ code }) => code)).toEqual(Array(20).fill(1009));
  expect(target.stats.limits).toEqual({ maxMessageBytes: 20 });
});

it("a bomb in fragments is answered with 1009 as well", async () => {
  const target = await Target.start(new Slow(), { perMessageDeflate: true });
  const attacker = await attack(target);
  const bomb = deflated(Buffer.alloc(10 * MIB));
  attacker.writeFrame({ opcode: 2, payload: bomb.subarray(0, 5000), ...COMPRESSED, fin: false });
  attacker.writeFrame({ opcode: 0, payload: bomb.subarray(5000) });
  expect(await closeCodeOf(attacker)).toBe(1009);
  await target.expectUnharmed();
  expect(target.stats.limits).toEqual({ maxMessageBytes: 1 });
});

it("small bombs by the hundred in one read are dropped beyond maxPendingBytes, with 1009", async () => {
  const target = await Target.start(new Slow(), { perMessageDeflate: true, closeTimeoutMs: 50 });
  const { handler } = target;
  let release!: () => void;
  handler.held = new Promise((resolve) => (release = resolve));
  const attacker = await attack(target);
  const before = liveBytes();
  const small = encodeRawFrame({ opcode: 2, payload: deflated(Buffer.alloc(64 * KIB)), ...COMPRESSED });
  const count = Math.floor((64 * KIB) / small.length);
  expect(count).toBeGreaterThan(500);
  attacker.write(Buffer.concat(Array<Buffer>(count).fill(small)));
  const buffersBefore = process.memoryUsage().arrayBuffers;
  let most = 0;
  const frame = attacker.nextFrame();
  await until("the limit", () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers);
    return target.stats.limits["maxPendingBytes"] === 1;
  });
  expect((await frame).payload.readUInt16BE(0)).toBe(1009);
  await target.echo();
  expect(most - buffersBefore).toBeLessThan(20 * MIB);
  await until("the cut", () => target.stats.openSessions === 1);
  release();
  await target.expectUnharmed();
  expect(handler.handled).toBe(1);
  expect(handler.statuses.map(({ code }) => code)).toEqual([1009]);
  await untilGivenBack(before + 2 * MIB);
});

it.each([
  ["that do not inflate", Buffer.from([0xff, 0xff])],
  ["of random bytes", Buffer.from("6b8f0c9d2e7a51f3", "hex")],
])("compressed messages %s are answered with 1007", async (_, bytes) => {
  const target = await Target.start(new Slow(), { perMessageDeflate: true });
  const attacker = await attack(target);
  attacker.writeFrame({ opcode: 1, payload: bytes, ...COMPRESSED });
  expect(await closeCodeOf(attacker)).toBe(1007);
  await target.expectUnharmed();
  expect(target.handler.statuses.map(({ code }) => code)).toEqual([1007]);
  expect(target.handler.failures).toHaveLength(1);
});

it("a socket that is reset while its message inflates ends its session, 100 times", async () => {
  const target = await Target.start(new Slow(), { perMessageDeflate: true });
  const { handler } = target;
  const large = encodeRawFrame({
    opcode: 2,
    payload: deflated(Buffer.alloc(60 * KIB, "abc")),
    ...COMPRESSED,
  });
  for (let start = 0; start < 100; start += 20) {
    const attackers = await Promise.all(Array.from({ length: 20 }, () => attack(target)));
    for (const [index, attacker] of attackers.entries()) {
      attacker.write(Buffer.concat(Array<Buffer>(index + 1).fill(large)));
      attacker.reset();
    }
    await target.echo();
  }
  await until("the sessions", () => handler.sessions.length === 100);
  await target.expectUnharmed();
  expect(target.stats.closesByCode).toEqual({ 1006: 100 });
});
