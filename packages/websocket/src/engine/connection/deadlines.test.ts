import { DEFAULT_LIMITS, type ConnectionLimits } from "../../options";
import { judgeCallback, judgeVitals } from "./deadlines";
import { NEVER, Vitals } from "./vitals";

const RESOLUTION = 1000;
const ONE_BYTE = Buffer.from([0x81]);
const QUIET: ConnectionLimits = {
  ...DEFAULT_LIMITS,
  heartbeatIntervalMs: false,
  unfinishedMessageTimeoutMs: false,
};

/** Looks once a second, and says when there was a verdict and which. */
class Watch {
  readonly vitals: Vitals;
  readonly verdicts: [now: number, verdict: string][] = [];
  readonly #limits: ConnectionLimits;
  #now = 0;
  isPaused = false;
  waiting = 0;
  taken = 0;

  constructor(limits: Partial<ConnectionLimits>) {
    this.#limits = { ...QUIET, ...limits };
    this.vitals = new Vitals(this.#limits, 0);
  }

  look(times: number, before: () => void = () => {}): this {
    for (let count = 0; count < times; count += 1) {
      before();
      this.#now += RESOLUTION;
      if (this.isPaused) this.vitals.pausedMs = RESOLUTION;
      this.vitals.look(this.#now, this.waiting, this.taken);
      const verdict = judgeVitals(this.vitals, this.#limits, this.#now, RESOLUTION);
      if (verdict === "ping") this.vitals.pingedAt = this.#now;
      if (verdict !== undefined) this.verdicts.push([this.#now, verdict]);
    }
    return this;
  }
}

describe("the heartbeat", () => {
  const limits = { heartbeatIntervalMs: 10_000 };

  it("pings a peer that is quiet, and gives it up within two intervals of its last sign of life", () => {
    const watch = new Watch(limits);
    watch.look(1, () => watch.vitals.received(ONE_BYTE));
    watch.look(19);
    expect(watch.verdicts.map(([, verdict]) => verdict).slice(0, 2)).toEqual(["ping", "heartbeatIntervalMs"]);
    // The byte came between 0 and 1000.
    expect(watch.verdicts[1]![0]).toBeLessThanOrEqual(20_000);
    expect(watch.verdicts[1]![0] - 1000).toBeGreaterThanOrEqual(10_000);
  });

  it("does not ping a peer that talks, and forgives one that answers", () => {
    const watch = new Watch(limits);
    watch.look(30, () => watch.vitals.received(ONE_BYTE));
    expect(watch.verdicts).toEqual([]);
    watch.look(10);
    expect(watch.verdicts.map(([, verdict]) => verdict)).toEqual(["ping"]);
    watch.look(1, () => watch.vitals.received(ONE_BYTE)).look(7);
    expect(watch.verdicts).toHaveLength(1);
  });

  it("takes a write that had to wait and was finished for a sign of life, and one that found room for none", () => {
    const slow = new Watch(limits);
    slow.waiting = 1000;
    slow.look(40, () => (slow.taken += 10));
    expect(slow.verdicts).toEqual([]);
    const gone = new Watch(limits);
    gone.look(20, () => (gone.taken += 10));
    expect(gone.verdicts.map(([, verdict]) => verdict)).toContain("heartbeatIntervalMs");
  });

  it("stands still while the socket is paused, also for a pause between two looks", () => {
    const watch = new Watch(limits);
    watch.isPaused = true;
    watch.look(60);
    watch.isPaused = false;
    watch.look(8);
    expect(watch.verdicts).toEqual([]);
    watch.look(60, () => (watch.vitals.pausedMs = 1));
    expect(watch.verdicts).toEqual([]);
  });
});

describe("a message that is not finished", () => {
  const limits = { unfinishedMessageTimeoutMs: 5000 };

  it("is given up after its time, whatever drips in", () => {
    const watch = new Watch(limits);
    watch.vitals.received(Buffer.from([0x81, 0xff]));
    watch.look(6, () => watch.vitals.received(Buffer.from([0])));
    expect(watch.verdicts[0]).toEqual([5000, "unfinishedMessageTimeoutMs"]);
  });

  it("is another one each time a message has ended in between", () => {
    const watch = new Watch(limits);
    // The rest of a message of one byte, and the beginning of the next.
    const restAndBegin = Buffer.from([0x80, 0x81]);
    watch.vitals.received(Buffer.from([0x81]));
    watch.look(30, () => watch.vitals.received(restAndBegin));
    expect(watch.verdicts).toEqual([]);
  });

  it("does not age while the socket is paused", () => {
    const watch = new Watch(limits);
    watch.vitals.received(ONE_BYTE);
    watch.look(3);
    watch.isPaused = true;
    watch.look(60);
    watch.isPaused = false;
    watch.look(1);
    expect(watch.verdicts).toEqual([]);
    watch.look(1);
    expect(watch.verdicts.map(([, verdict]) => verdict)).toEqual(["unfinishedMessageTimeoutMs"]);
  });

  it("ages between pauses, however many there are", () => {
    const watch = new Watch(limits);
    watch.vitals.received(ONE_BYTE);
    // A peer that makes us pause for a hundredth of a second in each second.
    watch.look(6, () => (watch.vitals.pausedMs = 10));
    expect(watch.verdicts[0]).toEqual([6000, "unfinishedMessageTimeoutMs"]);
  });
});

describe("what waits for the peer", () => {
  const limits = { sendTimeLimitMs: 5000 };

  it("ends the session when nothing of it was taken for the time", () => {
    const watch = new Watch(limits);
    watch.look(3);
    watch.waiting = 10;
    watch.look(6);
    expect(watch.verdicts[0]![1]).toBe("sendTimeLimitMs");
    expect(watch.verdicts[0]![0]).toBe(9000);
  });

  it("may be much, as long as some of it is taken", () => {
    const watch = new Watch(limits);
    watch.waiting = 1_000_000;
    watch.look(60, () => (watch.taken += 1));
    expect(watch.verdicts).toEqual([]);
  });
});

it("waits for a first message where it is asked for, and not for a second", () => {
  const watch = new Watch({ firstMessageTimeoutMs: 5000 });
  watch.look(4).vitals.messagesReceived += 1;
  watch.look(20);
  expect(watch.verdicts).toEqual([]);
  expect(new Watch({ firstMessageTimeoutMs: 5000 }).look(5).verdicts).toEqual([
    [5000, "firstMessageTimeoutMs"],
  ]);
});

it("ends a session without a message of either side, where it is asked to", () => {
  const watch = new Watch({ idleTimeoutMs: 5000 });
  watch.look(10, () => (watch.vitals.messagesSent += 1));
  watch.look(10, () => (watch.vitals.messagesReceived += 1));
  // Pings and pongs are bytes and no messages.
  watch.look(5, () => watch.vitals.received(ONE_BYTE));
  expect(watch.verdicts).toEqual([[25_000, "idleTimeoutMs"]]);
});

describe("a callback", () => {
  const limits = { ...DEFAULT_LIMITS, slowCallbackMs: 10_000, callbackTimeoutMs: 30_000 };

  it("is nobody's affair until it is slow", () => {
    expect(judgeCallback(NEVER, NEVER, limits, 100_000)).toBeUndefined();
    expect(judgeCallback(5000, NEVER, limits, 14_999)).toBeUndefined();
    expect(judgeCallback(5000, NEVER, limits, 15_000)).toBe("slow");
    expect(judgeCallback(5000, NEVER, limits, 900_000)).toBe("slow");
  });

  it("is stuck when it hinders for the time, counted from when both are true", () => {
    expect(judgeCallback(0, 20_000, limits, 49_999)).toBe("slow");
    expect(judgeCallback(0, 20_000, limits, 50_000)).toBe("stuck");
    expect(judgeCallback(40_000, 20_000, limits, 69_999)).toBe("slow");
    expect(judgeCallback(40_000, 20_000, limits, 70_000)).toBe("stuck");
  });
});
