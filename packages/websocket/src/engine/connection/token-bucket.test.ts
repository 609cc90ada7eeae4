import fc from "fast-check";
import { TokenBucket } from "./token-bucket";

const takeAll = (bucket: TokenBucket, now: number): number => {
  let count = 0;
  while (bucket.take(now)) count += 1;
  return count;
};

it("gives the burst at once, then as many as come per second", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 1000);
  expect(takeAll(bucket, 1000)).toBe(3);
  expect(takeAll(bucket, 1099)).toBe(0);
  expect(takeAll(bucket, 1100)).toBe(1);
  expect(takeAll(bucket, 60_000)).toBe(3);
});

it("lets everybody pass who keeps to the rate, with a burst of one", () => {
  const bucket = new TokenBucket({ perSecond: 8, burst: 1 }, 0);
  for (let count = 0; count < 1000; count += 1) expect(bucket.take(count * 125)).toBe(true);
});

it("grants what comes late because nobody read", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
  expect(takeAll(bucket, 0)).toBe(3);
  bucket.pause(0);
  bucket.resume(5000);
  expect(takeAll(bucket, 5000)).toBe(50);
  expect(takeAll(bucket, 5100)).toBe(1);
});

it("never gives more than the burst and the rate allow", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 100 }),
      (perSecond, burst, waits) => {
        const bucket = new TokenBucket({ perSecond, burst }, 0);
        let now = 0;
        let taken = 0;
        for (const wait of waits) {
          now += wait;
          if (bucket.take(now)) taken += 1;
        }
        expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1e-6);
      },
    ),
  );
});
