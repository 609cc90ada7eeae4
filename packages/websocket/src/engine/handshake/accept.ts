import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type ServerOptions, type WebSocket } from "ws";
import type { ConnectionLimits } from "../../options";

/** The types of ws lag behind its documentation. */
interface AcceptOptions extends ServerOptions {
  readonly closeTimeout: number;
}

/** Makes WebSockets with one set of limits, which ws fixes when it accepts. */
export class Acceptor {
  readonly #server: WebSocketServer;
  /** Read by ws while `accept` runs, which is synchronous. */
  #subProtocol: string | undefined;

  constructor(limits: ConnectionLimits) {
    const options: AcceptOptions = {
      noServer: true,
      clientTracking: false,
      maxPayload: limits.maxMessageBytes,
      maxFragments: limits.maxFragments,
      maxBufferedChunks: limits.maxBufferedChunks,
      closeTimeout: limits.closeTimeoutMs,
      // The connection answers pings: ws would cut a peer whose pings arrive all at once.
      autoPong: false,
      handleProtocols: () => this.#subProtocol ?? false,
    };
    this.#server = new WebSocketServer(options);
  }

  /** Writes the 101. `undefined`: the client has gone, and the socket with it. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    subProtocol: string | undefined,
  ): WebSocket | undefined {
    let accepted: WebSocket | undefined;
    this.#subProtocol = subProtocol;
    this.#server.handleUpgrade(request, socket, head, (ws) => (accepted = ws));
    return accepted;
  }
}

/** Gives out one acceptor per distinct set of limits. */
export class Acceptors {
  readonly #byLimits = new Map<string, Acceptor>();

  for(limits: ConnectionLimits): Acceptor {
    const { maxMessageBytes, maxFragments, maxBufferedChunks, closeTimeoutMs } = limits;
    const key = [maxMessageBytes, maxFragments, maxBufferedChunks, closeTimeoutMs].join();
    let acceptor = this.#byLimits.get(key);
    if (acceptor === undefined) this.#byLimits.set(key, (acceptor = new Acceptor(limits)));
    return acceptor;
  }
}
