import { constants } from "node:os";
import type { Logger } from "pino";

/** How long other parts of the program may hold the process after the application has closed. */
const LEFTOVER_GRACE_MS = 5000;
/** A signal this soon after the first is the same one: npm passes on what the terminal has sent to everybody. */
const SAME_SIGNAL_MS = 500;

/**
 * Closes the application at the first signal and lets the process end with 0; a second signal ends it at once, with
 * 128 plus its number.
 *
 * @returns takes the listeners away again.
 */
export function closeOnSignals(
  signals: readonly NodeJS.Signals[],
  close: () => Promise<void>,
  logger: Logger,
): () => void {
  let closingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (closingSince !== undefined) {
      if (performance.now() - closingSince > SAME_SIGNAL_MS) process.exit(128 + constants.signals[signal]);
      return;
    }
    closingSince = performance.now();
    logger.info("%s: closing; a second signal cuts at once", signal);
    void close().then(() => {
      process.exitCode = 0;
      setTimeout(exitAnyway, LEFTOVER_GRACE_MS, logger).unref();
    });
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
}

function exitAnyway(logger: Logger): void {
  logger.warn({ resources: process.getActiveResourcesInfo() }, "still running after close, exiting");
  process.exit(0);
}
