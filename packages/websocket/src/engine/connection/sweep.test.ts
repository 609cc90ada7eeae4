import { DEFAULT_LIMITS } from "../../options";
import { Sweep } from "./sweep";

const blockTheLoop = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

it("looks at everything that is there, with a clock that grows", async () => {
  const seen: number[] = [];
  let sweep!: Sweep;
  await new Promise<void>((resolve) => {
    const look = (now: number): void => {
      if (seen.push(now) === 3) resolve();
    };
    sweep = new Sweep([{ sweep: look }]);
    sweep.start([{ ...DEFAULT_LIMITS, idleTimeoutMs: 40 }], true);
  });
  sweep.stop();
  expect(sweep.now).toBe(seen.at(-1));
  expect(seen).toEqual([...seen].sort((one, other) => one - other));
  expect(seen[2]! - seen[0]!).toBeGreaterThan(0);
});

it("lets its clock stand still while the event loop does", () => {
  const sweep = new Sweep([]);
  sweep.start([{ ...DEFAULT_LIMITS, idleTimeoutMs: 40 }]);
  blockTheLoop(200);
  sweep.look();
  sweep.stop();
  expect(sweep.now).toBe(20);
});

it("tells of a long standstill, and of no short one", () => {
  const told: number[] = [];
  const sweep = new Sweep([], (ms) => told.push(ms));
  const clock = jest.spyOn(performance, "now");
  clock.mockReturnValue(0);
  sweep.start([{ ...DEFAULT_LIMITS, idleTimeoutMs: 40 }]);
  // A look is due every ten milliseconds.
  for (const now of [10, 1019, 2029, 2039]) {
    clock.mockReturnValue(now);
    sweep.look();
  }
  clock.mockRestore();
  sweep.stop();
  expect(told).toEqual([1000]);
});

it.each([
  [{}, 1000],
  [{ heartbeatIntervalMs: 2000 }, 500],
  [{ slowCallbackMs: 400 }, 100],
  [{ idleTimeoutMs: 1 }, 10],
])("looks often enough for %p", (limits, interval) => {
  const sweep = new Sweep([]);
  sweep.start([DEFAULT_LIMITS, { ...DEFAULT_LIMITS, ...limits }]);
  sweep.stop();
  expect(sweep.resolution).toBe(interval);
});
