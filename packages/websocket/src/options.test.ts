import { DEFAULT_LIMITS, LIMIT_RANGES } from "./options";

const names = Object.keys(DEFAULT_LIMITS) as (keyof typeof DEFAULT_LIMITS)[];

it("gives each option the default of the design", () => {
  expect(DEFAULT_LIMITS).toMatchObject({
    maxMessageBytes: 65_536,
    maxFragments: 1024,
    maxBufferedChunks: 4096,
    closeTimeoutMs: 5000,
  });
});

it("has a range for each option that has a default", () => {
  expect(Object.keys(LIMIT_RANGES).sort()).toEqual([...names].sort());
});

it.each(names)("has a range for %s that holds its default", (name) => {
  const [least, most] = LIMIT_RANGES[name];
  expect(least).toBeLessThanOrEqual(DEFAULT_LIMITS[name]);
  expect(most).toBeGreaterThanOrEqual(DEFAULT_LIMITS[name]);
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
