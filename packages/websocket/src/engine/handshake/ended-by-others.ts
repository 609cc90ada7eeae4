import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { nextTick, queueMicrotask } from "../connection/event-loop";
import { escapeForLog } from "../logging";
import type { UpgradeHandler } from "./application-server";
import type { HostNeighbours } from "./neighbours";
import { rawPathOf } from "./request-target";

/**
 * `onUpgrade`, and one warning for the first socket of a handshake of ours that another listener of the same server has
 * ended: nothing else tells the host, and its clients see a connection that breaks at once.
 */
export function reportEndedByOthers(
  onUpgrade: UpgradeHandler,
  neighbours: HostNeighbours,
  logger: Logger,
): UpgradeHandler {
  let isReported = false;

  const report = (request: IncomingMessage): void => {
    if (isReported) return;
    isReported = true;
    const path = escapeForLog(rawPathOf(request));
    logger.warn(
      { path },
      "another upgrade listener of this server, such as that of Nest's WsAdapter, ends handshakes for %s, which is " +
        "served here: clients get no answer, or a 101 and then 1006. Let that listener leave the paths of others alone, or give it a port or a server of " +
        "its own: see docs/guides/attaching.md",
      path,
    );
  };

  return (request, socket, head) => {
    if (isReported) return onUpgrade(request, socket, head);
    // A peer that has left while the host waited leaves an error behind.
    const wasEnded = isEnded(socket) && !socket.errored;
    let isEndedHere = false;
    let isJudged = false;
    const judge = (): void => {
      if (isJudged) return;
      isJudged = true;
      const isEndedThere = wasEnded || (isEnded(socket) && !isEndedHere);
      if (isEndedThere && neighbours.hasTaken(request)) report(request);
    };
    // Before what our own side puts off: until then only the listeners after us have run. Which of the two comes first
    // depends on whether the host has passed the handshake on after a promise.
    nextTick(judge);
    queueMicrotask(judge);
    onUpgrade(request, socket, head);
    isEndedHere = isEnded(socket);
  };
}

function isEnded(socket: Duplex): boolean {
  return socket.destroyed || socket.writableEnded;
}
