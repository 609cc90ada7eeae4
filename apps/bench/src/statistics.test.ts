import { isBeyondNoise, noiseOf, pairedRatios, summarise } from "./statistics";

describe("a summary", () => {
  it("has the least, the middle and the most", () => {
    expect(summarise([3, 1, 2])).toEqual({ minimum: 1, median: 2, maximum: 3 });
    expect(summarise([4, 1, 2, 3])).toEqual({ minimum: 1, median: 2.5, maximum: 4 });
    expect(summarise([7])).toEqual({ minimum: 7, median: 7, maximum: 7 });
  });

  it("sorts numbers as numbers, and leaves its argument as it was", () => {
    const series = [10, 9, 100];
    expect(summarise(series)?.median).toBe(10);
    expect(series).toEqual([10, 9, 100]);
  });

  it("leaves out rounds without a figure, and is nothing without any", () => {
    expect(summarise([undefined, 2, undefined, 4])?.median).toBe(3);
    expect(summarise([undefined])).toBeUndefined();
    expect(summarise([])).toBeUndefined();
  });
});

describe("ratios", () => {
  it("are taken round by round", () => {
    expect(pairedRatios([2, 9], [1, 3])).toEqual([2, 3]);
  });

  it("are missing where one of the two is, or is no cost", () => {
    expect(pairedRatios([2, undefined, 4, -1, 5], [undefined, 1, 2, 1, 0])).toEqual([
      undefined,
      undefined,
      2,
      undefined,
      undefined,
    ]);
  });
});

describe("noise", () => {
  it("is the worst round, to either side", () => {
    expect(noiseOf([1.02, 0.99, 1.01])).toBeCloseTo(1.02);
    expect(noiseOf([1.02, 0.8, undefined])).toBeCloseTo(1.25);
    expect(noiseOf([undefined])).toBeUndefined();
  });

  it("hides what is nearer to 1 than itself", () => {
    expect(isBeyondNoise(1.1, 1.05)).toBe(true);
    expect(isBeyondNoise(0.9, 1.05)).toBe(true);
    expect(isBeyondNoise(1.04, 1.05)).toBe(false);
    expect(isBeyondNoise(0.97, 1.05)).toBe(false);
  });

  it("hides everything where it is not known", () => {
    expect(isBeyondNoise(9, undefined)).toBe(false);
  });
});
