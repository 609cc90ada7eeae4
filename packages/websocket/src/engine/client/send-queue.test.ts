import { SendQueue, type QueueBounds } from "./send-queue";

/** What became of each message so far; `undefined` for one that waits. */
async function fill(
  bounds: Partial<QueueBounds>,
  ...messages: string[]
): Promise<readonly [queue: SendQueue, results: readonly (boolean | undefined)[]]> {
  const queue = new SendQueue({ maxMessages: 3, maxBytes: 100, overflow: "refuse", ...bounds });
  const results: (boolean | undefined)[] = messages.map(() => undefined);
  messages.forEach((each, index) => void queue.add(each).then((sent) => (results[index] = sent)));
  await new Promise((resolve) => setImmediate(resolve));
  return [queue, results];
}

it("keeps what there is room for", async () => {
  const [queue, results] = await fill({}, "a", "b", "c");
  expect(results).toEqual([undefined, undefined, undefined]);
  expect(queue.isEmpty).toBe(false);
});

it("refuses what there is no room for", async () => {
  const [, byCount] = await fill({}, "a", "b", "c", "d");
  expect(byCount).toEqual([undefined, undefined, undefined, false]);
  const [, bySize] = await fill({ maxBytes: 10 }, "abcde", "abc", "a");
  expect(bySize).toEqual([undefined, false, undefined]);
});

it("or drops the oldest", async () => {
  const [, byCount] = await fill({ overflow: "drop" }, "a", "b", "c", "d", "e");
  expect(byCount).toEqual([false, false, undefined, undefined, undefined]);
  const [, bySize] = await fill({ overflow: "drop", maxBytes: 10 }, "a", "b", "abcdef");
  expect(bySize).toEqual([false, false, undefined]);
});

it("drops nothing for what could never fit", async () => {
  const [, results] = await fill({ overflow: "drop", maxBytes: 10 }, "a", "0123456789");
  expect(results).toEqual([undefined, false]);
});

it("has room again after it was emptied", async () => {
  const [queue, results] = await fill({ maxMessages: 1, maxBytes: 10 }, "01234567");
  queue.discard();
  expect(queue.isEmpty).toBe(true);
  void queue.add("89abcdef");
  expect(queue.isEmpty).toBe(false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(results).toEqual([false]);
});

it("takes messages only", () => {
  const queue = new SendQueue({ maxMessages: 3, maxBytes: 100, overflow: "drop" });
  expect(() => queue.add({} as string)).toThrow(/VERNAL_INVALID_ARGUMENT/);
  expect(queue.isEmpty).toBe(true);
});
