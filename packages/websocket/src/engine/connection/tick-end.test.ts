import type * as TickEnd from "./tick-end";

let ticks: (() => void)[];
let flushAtTickEnd: typeof TickEnd.flushAtTickEnd;

beforeEach(() => {
  ticks = [];
  jest.spyOn(process, "nextTick").mockImplementation((callback) => void ticks.push(callback as () => void));
  jest.isolateModules(() => ({ flushAtTickEnd } = jest.requireActual<typeof TickEnd>("./tick-end")));
});
afterEach(() => jest.restoreAllMocks());

const flushing = (name: string, order: string[]): TickEnd.Flushable => ({
  flush: () => void order.push(name),
});

it("flushes all that asked for it once, in their order, in one call of Node", () => {
  const order: string[] = [];
  flushAtTickEnd(flushing("first", order));
  flushAtTickEnd(flushing("second", order));
  expect(order).toEqual([]);
  expect(ticks).toHaveLength(1);
  ticks[0]!();
  expect(order).toEqual(["first", "second"]);
  flushAtTickEnd(flushing("third", order));
  expect(ticks).toHaveLength(2);
  ticks[1]!();
  expect(order).toEqual(["first", "second", "third"]);
});

it("takes what comes up while it flushes", () => {
  const order: string[] = [];
  flushAtTickEnd({ flush: () => flushAtTickEnd(flushing("again", order)) });
  ticks[0]!();
  expect(order).toEqual(["again"]);
  expect(ticks).toHaveLength(1);
});

it("goes on behind one that throws", () => {
  const order: string[] = [];
  flushAtTickEnd({
    flush: () => {
      throw new Error("broken socket");
    },
  });
  flushAtTickEnd(flushing("the other", order));
  expect(ticks[0]).toThrow("broken socket");
  expect(order).toEqual([]);
  ticks[1]!();
  expect(order).toEqual(["the other"]);
});

it("goes on behind one that throws with what is due alone, however many were due before", () => {
  const order: string[] = [];
  for (const name of ["a", "b", "c", "d"]) flushAtTickEnd(flushing(name, order));
  ticks[0]!();
  flushAtTickEnd({
    flush: () => {
      throw new Error("broken socket");
    },
  });
  flushAtTickEnd(flushing("the other", order));
  expect(ticks[1]).toThrow("broken socket");
  ticks[2]!();
  expect(order).toEqual(["a", "b", "c", "d", "the other"]);
  expect(ticks).toHaveLength(3);
});
