import type { Server } from "node:http";
import type { Logger } from "pino";

const LOOK_EVERY_MS = 1000;

/**
 * Warns once where the host closes its server and sessions are open: its `close` waits for them, and so does the process.
 * A server that closes tells nobody before its last connection has gone.
 *
 * @returns what ends the watch.
 */
export function warnOfClosedHost(server: Server, countSessions: () => number, logger: Logger): () => void {
  let hasListened = server.listening;
  const onListening = (): void => void (hasListened = true);
  server.on("listening", onListening);
  const stop = (): void => {
    clearInterval(timer);
    server.removeListener("listening", onListening);
  };
  const look = (): void => {
    if (server.listening || !hasListened) return;
    const sessions = countSessions();
    if (sessions === 0) return;
    stop();
    logger.warn(
      { sessions },
      "the server of the host was closed, and waits for sessions to end, %d of them: close the application first",
      sessions,
    );
  };
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return stop;
}
