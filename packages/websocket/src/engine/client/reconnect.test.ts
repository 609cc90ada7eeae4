import fc from "fast-check";
import { isFinal, nextAttempt, type Backoff, type Ending } from "./reconnect";

const BACKOFF: Backoff = { initialDelayMs: 1000, maxDelayMs: 30_000, maxAttempts: Infinity };
const NOW = Date.UTC(2026, 0, 1);
const UNREACHABLE: Ending = { kind: "unreachable" };
/** Just below 1: the longest delay. */
const LONGEST = 1 - Number.EPSILON;

const closed = (code: number, wasStable = true): Ending => ({ kind: "closed", code, wasStable });
const refused = (status: number, retryAfter?: string): Ending => ({ kind: "refused", status, retryAfter });

/** The longest delay in milliseconds, rounded up. */
function longestDelay(ending: Ending, failures: number, backoff = BACKOFF): number {
  const next = nextAttempt(ending, failures, backoff, LONGEST, NOW);
  return next === "stop" ? NaN : next.delayMs + 1;
}

describe("a close code", () => {
  it.each([1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 4000, 4500, 4999])("%i is final", (code) => {
    expect(isFinal(closed(code))).toBe(true);
    expect(isFinal(closed(code, false))).toBe(true);
  });

  it.each([1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 2999, 5000])("%i is not", (code) => {
    expect(isFinal(closed(code))).toBe(false);
  });

  it.each([1001, 1012])("%i after a connection that held brings it back sooner than any other", (code) => {
    expect(nextAttempt(closed(code), 7, BACKOFF, LONGEST, NOW)).toEqual({ delayMs: 999, failures: 0 });
    expect(nextAttempt(closed(1006), 7, BACKOFF, LONGEST, NOW)).toEqual({ delayMs: 1999, failures: 0 });
  });
});

describe("a refusal", () => {
  it.each([400, 401, 403, 404, 405, 410, 426, 451])("with %i is final", (status) => {
    expect(isFinal(refused(status))).toBe(true);
  });

  it.each([200, 302, 408, 425, 429, 500, 502, 503, 504])("with %i is not", (status) => {
    expect(isFinal(refused(status))).toBe(false);
  });

  it.each<[retryAfter: string, waitMs: number]>([
    ["0", 0],
    ["7", 7000],
    ["Thu, 01 Jan 2026 00:00:09 GMT", 9000],
    ["Thursday, 01-Jan-26 00:00:09 GMT", 9000],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["3600", 30_000],
    ["99999999999999999999", 30_000],
    ["soon", 0],
    ["-5", 0],
    ["1.5", 0],
    ["2026", 30_000],
    ["May be, never", 0],
    ["", 0],
  ])("with Retry-After %j waits %i ms at least, and jitter on top", (retryAfter, waitMs) => {
    expect(nextAttempt(refused(503, retryAfter), 0, BACKOFF, 0, NOW)).toEqual({
      delayMs: waitMs,
      failures: 1,
    });
    expect(longestDelay(refused(503, retryAfter), 0)).toBe(waitMs + 2000);
  });
});

it("an unreachable server is tried again, what is impossible is not", () => {
  expect(isFinal(UNREACHABLE)).toBe(false);
  expect(isFinal({ kind: "impossible" })).toBe(true);
  expect(nextAttempt({ kind: "impossible" }, 0, BACKOFF, 0, NOW)).toBe("stop");
});

describe("the delay", () => {
  it("doubles with each failure up to its maximum", () => {
    const delays = [0, 1, 2, 3, 4, 5, 5000].map((failures) => longestDelay(UNREACHABLE, failures));
    expect(delays).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("doubles also for a server that accepts and leaves at once, whatever it says", () => {
    const codes = [1001, 1006, 1011, 1012];
    const grown = codes.map((code) =>
      [0, 1, 2, 3].map((failures) => longestDelay(closed(code, false), failures)),
    );
    expect(grown).toEqual([
      [1000, 2000, 4000, 8000],
      [2000, 4000, 8000, 16_000],
      [2000, 4000, 8000, 16_000],
      [1000, 2000, 4000, 8000],
    ]);
  });

  it("is any time from none to the longest", () => {
    const delays = [0, 0.25, 0.5].map((random) => nextAttempt(UNREACHABLE, 2, BACKOFF, random, NOW));
    expect(delays).toEqual([0, 2000, 4000].map((delayMs) => ({ delayMs, failures: 3 })));
  });

  const anyEnding: fc.Arbitrary<Ending> = fc.oneof(
    fc.record({
      kind: fc.constant("closed" as const),
      code: fc.integer({ min: 1000, max: 4999 }),
      wasStable: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("refused" as const),
      status: fc.integer({ min: 200, max: 599 }),
      retryAfter: fc.option(fc.oneof(fc.string(), fc.nat().map(String)), { nil: undefined }),
    }),
    fc.constant(UNREACHABLE),
  );

  it("is a time that a timer can wait, whatever happens", () => {
    fc.assert(
      fc.property(
        anyEnding,
        fc.nat(),
        fc.double({ min: 0, max: LONGEST, noNaN: true }),
        fc.integer({ min: 1, max: 86_400_000 }),
        fc.integer({ min: 1, max: 86_400_000 }),
        (ending, failures, random, initialDelayMs, maxDelayMs) => {
          const backoff = { initialDelayMs, maxDelayMs, maxAttempts: Infinity };
          const next = nextAttempt(ending, failures, backoff, random, NOW);
          if (next === "stop") throw new Error("never");
          expect(Number.isInteger(next.delayMs)).toBe(true);
          expect(next.delayMs).toBeGreaterThanOrEqual(0);
          expect(next.delayMs).toBeLessThanOrEqual(2 * maxDelayMs);
          const wasStable = ending.kind === "closed" && ending.wasStable;
          expect(next.failures).toBe(wasStable ? 0 : failures + 1);
        },
      ),
    );
  });
});

describe("maxAttempts", () => {
  const three: Backoff = { ...BACKOFF, maxAttempts: 3 };

  it("ends it when so many in a row have failed", () => {
    expect(longestDelay(UNREACHABLE, 1, three)).toBe(4000);
    expect(nextAttempt(UNREACHABLE, 2, three, 0, NOW)).toBe("stop");
    expect(nextAttempt(closed(1006, false), 2, three, 0, NOW)).toBe("stop");
  });

  it("does not count the end of a connection that held", () => {
    const one: Backoff = { ...BACKOFF, maxAttempts: 1 };
    expect(nextAttempt(closed(1006), 0, one, 0, NOW)).toEqual({ delayMs: 0, failures: 0 });
    expect(nextAttempt(UNREACHABLE, 0, one, 0, NOW)).toBe("stop");
  });
});
