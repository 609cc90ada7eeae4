/**
 * Does `task` for each item, up to `most` at the same time. After a failure no other is begun, and of several failures the
 * one is thrown that is first in the list.
 */
export async function atMost<T>(
  most: number,
  items: readonly T[],
  task: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const failures = new Map<number, unknown>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const index = next;
      next += 1;
      await task(items[index]!, index).catch((error: unknown) => failures.set(index, error));
    }
  };
  await Promise.all(Array.from({ length: most }, work));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
}
