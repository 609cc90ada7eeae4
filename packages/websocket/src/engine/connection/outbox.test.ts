import { Duplex } from "node:stream";
import { DEFAULT_LIMITS, type ConnectionLimits } from "../../options";
import { Outbox, type OutboundLimit, type OutboxOwner } from "./outbox";
import { SocketWire } from "./socket-wire";

const KIBIBYTE = 1024;

/** A socket that takes nothing until a test lets it. */
class HeldSocket extends Duplex {
  readonly writes: number[] = [];
  #written: (() => void) | undefined;

  override _read(): void {}

  override _writev(chunks: { readonly chunk: Buffer }[], written: () => void): void {
    this.writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    this.#written = written;
  }

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    this._writev([{ chunk }], written);
  }

  takeWrite(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }
}

class Owner implements OutboxOwner {
  readonly limits: ConnectionLimits;
  readonly isWritable = true;
  readonly overflows: OutboundLimit[] = [];
  sent = 0;
  dropped = 0;
  mostWaiting = 0;
  readonly socket = new HeldSocket();
  readonly outbox: Outbox;

  constructor(limits: Partial<ConnectionLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.outbox = new Outbox(this, this.socket, new SocketWire(this.socket));
  }

  frameSent(): void {
    this.sent += 1;
  }

  framesDropped(count: number): void {
    this.dropped += count;
  }

  bytesWait(bufferedAmount: number): void {
    this.mostWaiting = Math.max(this.mostWaiting, bufferedAmount);
  }

  outboxOverflowed(limit: OutboundLimit): void {
    this.overflows.push(limit);
    if (this.limits.overflowStrategy === "drop") this.outbox.dropOldest();
  }

  backlogLeft(): void {}

  send(kibibytes: number): Promise<boolean> {
    return this.outbox.send(Buffer.alloc(kibibytes * KIBIBYTE));
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Long enough for what is judged a full turn later. */
async function turns(): Promise<void> {
  for (let count = 0; count < 4; count += 1) await turn();
}

/** A write is on its way, and its burst is over. */
async function stuck(limits: Partial<ConnectionLimits> = {}): Promise<Owner> {
  const owner = new Owner(limits);
  void owner.send(16);
  await turn();
  return owner;
}

it("hands over writes of whole frames of up to 64 KiB, each when the one before is finished", async () => {
  const owner = new Owner();
  for (let count = 0; count < 10; count += 1) void owner.send(15);
  void owner.send(200);
  void owner.send(1);
  await turn();
  const whole = (kibibytes: number, frames: number): number => kibibytes * KIBIBYTE + frames * 4;
  const expected = [whole(60, 4), whole(60, 4), whole(30, 2), 200 * KIBIBYTE + 10, whole(1, 1)];
  for (let count = 1; count <= expected.length; count += 1) {
    expect(owner.socket.writes).toEqual(expected.slice(0, count));
    owner.socket.takeWrite();
    await turn();
  }
  expect(owner.outbox.bufferedAmount).toBe(0);
});

describe("sendBufferLimitBytes", () => {
  it("is about what later turns add to what waits", async () => {
    const owner = await stuck({ sendBufferLimitBytes: 100 * KIBIBYTE });
    void owner.send(90);
    await turns();
    expect(owner.overflows).toEqual([]);
    void owner.send(20);
    expect(owner.overflows).toEqual([]);
    await turns();
    expect(owner.overflows).toEqual(["sendBufferLimitBytes"]);
  });

  it("lets a burst of one turn into an empty buffer take its time, and counts what comes behind it", async () => {
    const owner = new Owner({ sendBufferLimitBytes: 100 * KIBIBYTE, maxBurstBytes: 1024 * KIBIBYTE });
    for (let count = 0; count < 16; count += 1) void owner.send(60);
    await turns();
    void owner.send(90);
    await turns();
    expect(owner.overflows).toEqual([]);
    void owner.send(20);
    await turns();
    expect(owner.overflows).toEqual(["sendBufferLimitBytes"]);
  });

  it("does not count what left within the turn", async () => {
    const owner = await stuck({ sendBufferLimitBytes: 100 * KIBIBYTE });
    void owner.send(60);
    void owner.send(60);
    for (let count = 0; count < 3; count += 1) {
      owner.socket.takeWrite();
      await new Promise((resolve) => process.nextTick(resolve));
    }
    await turns();
    expect(owner.overflows).toEqual([]);
  });
});

it("answers when all of its own is written, whatever somebody else has put behind it", async () => {
  const owner = new Owner();
  const answer = owner.send(100);
  await turn();
  owner.socket.write(Buffer.alloc(200 * KIBIBYTE));
  owner.socket.takeWrite();
  await turn();
  expect(owner.outbox.bufferedAmount).toBeGreaterThan(100 * KIBIBYTE);
  expect(await answer).toBe(true);
});

it("stops a turn that sends more than both limits together, at once", () => {
  const owner = new Owner({ sendBufferLimitBytes: 100 * KIBIBYTE, maxBurstBytes: 200 * KIBIBYTE });
  for (let count = 0; count < 4; count += 1) void owner.send(70);
  expect(owner.overflows).toEqual([]);
  void owner.send(70);
  expect(owner.overflows).toEqual(["maxBurstBytes"]);
});

it("knows the most that ever waited, the write on its way included", () => {
  const owner = new Owner();
  void owner.send(1000);
  expect(owner.mostWaiting).toBe(1000 * KIBIBYTE + 10);
});

describe("with the strategy drop", () => {
  const limits = { overflowStrategy: "drop", sendBufferLimitBytes: 100 * KIBIBYTE } as const;

  it("answers a message when it is on its way or dropped, and forgets it, also where it is never empty", async () => {
    const owner = await stuck(limits);
    const answers: boolean[] = [];
    for (let count = 0; count < 50; count += 1) {
      void owner.send(30).then((sent) => answers.push(sent));
      await turns();
      if (count % 3 === 0) owner.socket.takeWrite();
    }
    expect(owner.outbox.bufferedAmount).toBeGreaterThan(0);
    expect(owner.dropped).toBeGreaterThan(5);
    await turns();
    expect(answers.filter((sent) => !sent)).toHaveLength(owner.dropped);
    // All but those that wait now, at most four.
    expect(answers.length).toBeGreaterThanOrEqual(46);
  });

  it("keeps what was below 64 KiB when it came: it is promised", async () => {
    const owner = await stuck(limits);
    const promised = await Promise.all([owner.send(20), owner.send(20)]);
    const later = owner.send(20);
    for (let count = 0; count < 20; count += 1) void owner.send(20);
    await turns();
    expect(promised).toEqual([true, true]);
    expect(await later).toBe(false);
    for (let count = 0; count < 10; count += 1) {
      owner.socket.takeWrite();
      await turn();
    }
    // The first, the two that were promised, and the newest that fit.
    expect(owner.sent).toBe(1 + 21 + 2 - owner.dropped);
    expect(owner.socket.writes.slice(0, 2)).toEqual([16 * KIBIBYTE + 4, 3 * (20 * KIBIBYTE + 4)]);
  });

  it("keeps the newest message, whatever is on its way", async () => {
    const huge = new Owner(limits);
    void huge.send(1000);
    await turn();
    void huge.send(30);
    void huge.send(1000);
    await turns();
    expect(huge.dropped).toBe(1);
    expect(huge.outbox.bufferedAmount).toBeGreaterThan(2000 * KIBIBYTE);
  });
});
