/** What has something to do when all that runs in one tick has run. */
export interface Flushable {
  flush(): void;
}

let due: Flushable[] = [];

/** One call of Node for all of them. */
export function flushAtTickEnd(flushable: Flushable): void {
  if (due.push(flushable) === 1) process.nextTick(flushAll);
}

function flushAll(): void {
  const flushing = due;
  due = [];
  let flushed = 0;
  try {
    while (flushed < flushing.length) flushing[flushed++]!.flush();
  } finally {
    // A socket that throws must not keep back what is for the others.
    for (const each of flushing.slice(flushed)) flushAtTickEnd(each);
  }
}
