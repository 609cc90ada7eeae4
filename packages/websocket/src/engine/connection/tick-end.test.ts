import { flushAtTickEnd } from "./tick-end";

afterEach(() => jest.restoreAllMocks());

it("flushes all that asked for it once, in their order, at the end of the tick", async () => {
  const order: string[] = [];
  await new Promise((resolve) => setImmediate(resolve));
  const calls = jest.spyOn(process, "nextTick");
  flushAtTickEnd({ flush: () => void order.push("first") });
  flushAtTickEnd({ flush: () => void order.push("second") });
  expect(order).toEqual([]);
  expect(calls).toHaveBeenCalledTimes(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(["first", "second"]);
});

it("takes what comes up while it flushes", async () => {
  const flushed = new Promise<void>((resolve) => {
    const again = { flush: resolve };
    flushAtTickEnd({ flush: () => flushAtTickEnd(again) });
  });
  await flushed;
});

it("goes on behind one that throws", () => {
  const ticks: (() => void)[] = [];
  jest.spyOn(process, "nextTick").mockImplementation((callback) => void ticks.push(callback as () => void));
  const flushed: string[] = [];
  const throwing = (): void => {
    throw new Error("broken socket");
  };
  flushAtTickEnd({ flush: throwing });
  flushAtTickEnd({ flush: () => void flushed.push("the other") });
  expect(ticks[0]).toThrow("broken socket");
  expect(flushed).toEqual([]);
  ticks[1]!();
  expect(flushed).toEqual(["the other"]);
});
