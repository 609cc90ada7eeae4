const NEVER = new Promise<never>(() => {});

/** Waits for `promise`, but no longer than `timeoutMs` and not beyond an abort. */
export async function waitAtMost(
  timeoutMs: number,
  promise: Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted) return;
  let release!: () => void;
  const over = new Promise<void>((resolve) => (release = resolve));
  const timer = setTimeout(release, timeoutMs);
  signal?.addEventListener("abort", release);
  await Promise.race([promise, over]);
  clearTimeout(timer);
  signal?.removeEventListener("abort", release);
}

/** Waits so long, unless there is an abort. Keeps the process alive. */
export function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  return waitAtMost(timeMs, NEVER, signal);
}

/** `promise`, or a rejection with the signal's reason as soon as there is an abort. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** What is promised, or a rejection where it takes longer. Keeps the process alive meanwhile. */
export async function answeredWithin<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
