import { nextTick } from "./event-loop";

/** What has something to do when all that runs in one tick has run. */
export interface Flushable {
  flush(): void;
}

/** Kept from tick to tick. */
const due: (Flushable | undefined)[] = [];
let count = 0;

/** One call of Node for all of them. */
export function flushAtTickEnd(flushable: Flushable): void {
  due[count] = flushable;
  count += 1;
  if (count === 1) nextTick(flushAll);
}

function flushAll(): void {
  let flushed = 0;
  try {
    // What comes up meanwhile is taken too.
    while (flushed < count) {
      const flushable = due[flushed]!;
      due[flushed] = undefined;
      flushed += 1;
      flushable.flush();
    }
  } finally {
    // A socket that throws must not keep back what is for the others.
    const left = flushed < count ? due.splice(flushed, count - flushed) : [];
    count = 0;
    for (const flushable of left) flushAtTickEnd(flushable!);
  }
}
