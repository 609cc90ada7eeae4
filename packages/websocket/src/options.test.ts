import { DEFAULT_LIMITS, LIMIT_RANGES, SWITCHABLE_LIMITS } from "./options";

const defaults: Readonly<Record<string, unknown>> = { ...DEFAULT_LIMITS };
const names = Object.keys(LIMIT_RANGES) as (keyof typeof LIMIT_RANGES)[];

it("gives each option the default of the design", () => {
  expect(DEFAULT_LIMITS).toEqual({
    maxMessageBytes: 65_536,
    maxFragments: 1024,
    maxBufferedChunks: 4096,
    unfinishedMessageTimeoutMs: 30_000,
    firstMessageTimeoutMs: false,
    idleTimeoutMs: false,
    heartbeatIntervalMs: 25_000,
    maxPendingMessages: 64,
    maxPendingBytes: 1_048_576,
    messageRate: false,
    sendBufferLimitBytes: 524_288,
    maxBurstBytes: 16_777_216,
    overflowStrategy: "terminate",
    sendTimeLimitMs: 10_000,
    maxGroupsPerSession: 1000,
    slowCallbackMs: 10_000,
    callbackTimeoutMs: 30_000,
    closeTimeoutMs: 5000,
    perMessageDeflate: false,
  });
});

it("has a range for each option that is a number by default", () => {
  const numbers = Object.keys(defaults).filter((name) => typeof defaults[name] === "number");
  expect(names).toEqual(expect.arrayContaining(numbers));
});

it.each(names)("has a range for %s that holds its default", (name) => {
  const [least, most] = LIMIT_RANGES[name];
  const value = defaults[name] ?? false;
  if (value === false) expect(SWITCHABLE_LIMITS).toContain(name);
  else expect(least <= (value as number) && (value as number) <= most).toBe(true);
  expect([least, most].every(Number.isSafeInteger)).toBe(true);
});

it.each(names.filter((name) => name.endsWith("Ms")))(
  "lets %s be nothing that a timer cannot wait",
  (name) => {
    expect(LIMIT_RANGES[name][1]).toBeLessThan(2 ** 31);
  },
);

it("does not let the defaults change", () => {
  expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
  expect(Object.isFrozen(LIMIT_RANGES)).toBe(true);
});
