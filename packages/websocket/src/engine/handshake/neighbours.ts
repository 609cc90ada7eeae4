import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { nextTick } from "../connection/event-loop";

/** How long others may leave a socket alone before it counts as nobody's: as long as a handshake of ours may take. */
const UNTOUCHED_MS = 10_000;

/** Whoever else listens for the upgrades of a server. Where an upgrade falls to us, `act` is run. */
export interface Neighbours {
  /** `false` where another application has taken this upgrade, which is for a path of ours. */
  take(request: IncomingMessage): boolean;
  /** A WebSocket for a path that no handler has. */
  leavePath(request: IncomingMessage, socket: Duplex, act: () => void): void;
  /** An upgrade to something other than a WebSocket. */
  leaveProtocol(request: IncomingMessage, socket: Duplex, act: () => void): void;
}

/** On a server of our own nobody else listens. */
export const NO_NEIGHBOURS: Neighbours = {
  take: () => true,
  leavePath: (_request, _socket, act) => act(),
  leaveProtocol: (_request, _socket, act) => act(),
};

// Also known to the applications of another copy of this package.
const TAKEN = Symbol.for("@vernal/websocket/taken");

/** Every listener of a server gets every upgrade, and none can see what the others are about to do. */
export class HostNeighbours implements Neighbours {
  readonly #server: Server;
  /** Sockets that may turn out to be nobody's. */
  readonly #watched = new Map<Duplex, NodeJS.Timeout>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** From now on what is nobody's is not our affair. */
  forget(): void {
    for (const timer of this.#watched.values()) clearTimeout(timer);
    this.#watched.clear();
  }

  take(request: IncomingMessage): boolean {
    if (isTaken(request)) return false;
    (request as { [TAKEN]?: HostNeighbours })[TAKEN] = this;
    return true;
  }

  /** Whether this application has taken the upgrade, and not another one on the server. */
  hasTaken(request: IncomingMessage): boolean {
    return (request as { [TAKEN]?: unknown })[TAKEN] === this;
  }

  leavePath(request: IncomingMessage, socket: Duplex, act: () => void): void {
    if (this.#server.listenerCount("upgrade") === 1) return act();
    const { bytesWritten } = socket as Socket;
    const isFree = (): boolean => !isTaken(request) && isUntouched(socket, bytesWritten);
    nextTick(() => {
      if (isFree()) this.#actLater(socket, () => isFree() && act());
    });
  }

  leaveProtocol(request: IncomingMessage, socket: Duplex, act: () => void): void {
    const { bytesWritten } = socket as Socket;
    // First the listeners after us, of which one may speak that protocol.
    nextTick(() => {
      if (isUntouched(socket, bytesWritten) && this.take(request)) act();
    });
  }

  #actLater(socket: Duplex, act: () => void): void {
    const timer = setTimeout(() => {
      this.#watched.delete(socket);
      act();
    }, UNTOUCHED_MS).unref();
    this.#watched.set(socket, timer);
    socket.once("close", () => {
      clearTimeout(timer);
      this.#watched.delete(socket);
    });
  }
}

function isTaken(request: IncomingMessage): boolean {
  return TAKEN in request;
}

function isUntouched(socket: Duplex, bytesWritten: number): boolean {
  return (
    !socket.destroyed &&
    !socket.writableEnded &&
    (socket as Socket).bytesWritten === bytesWritten &&
    // Node resets it for an upgrade; whoever reads, pipes or pauses sets it.
    socket.readableFlowing === null
  );
}
