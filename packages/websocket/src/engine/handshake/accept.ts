import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type PerMessageDeflateOptions, type ServerOptions } from "ws";
import type { ConnectionLimits } from "../../options";
import { DeflatingWire } from "../connection/deflating-wire";
import { announceWrite } from "../connection/listeners";
import { SocketWire } from "../connection/socket-wire";
import type { Wire } from "../connection/wire";
import type { CheckedUpgrade, Offers } from "./request-check";

/** The types of ws lag behind its documentation. */
interface AcceptOptions extends ServerOptions {
  readonly closeTimeout: number;
}

// A public export of ws that @types/ws does not know.
const { PerMessageDeflate } = WebSocket as unknown as {
  readonly PerMessageDeflate: new (options: PerMessageDeflateOptions & { readonly isServer: boolean }) => {
    accept(offers: readonly object[]): object;
  };
};

/**
 * Each message by itself, so that no session keeps what it was sent. No window bits: with them ws refuses clients that
 * offer a small window only. What the client keeps of its own messages costs nothing here.
 */
const DEFLATE: PerMessageDeflateOptions = { serverNoContextTakeover: true, threshold: 1024 };

/** What a session has sent goes before anything that ws writes, also before the answer to a peer's close frame. */
class AcceptedWebSocket extends WebSocket {
  override close(...args: Parameters<WebSocket["close"]>): void {
    announceWrite(this);
    super.close(...args);
  }

  override ping(...args: Parameters<WebSocket["ping"]>): void {
    announceWrite(this);
    super.ping(...args);
  }

  override pong(...args: Parameters<WebSocket["pong"]>): void {
    announceWrite(this);
    super.pong(...args);
  }

  override send(...args: readonly unknown[]): void {
    announceWrite(this);
    super.send(...(args as Parameters<WebSocket["send"]>));
  }
}

/** A WebSocket, and how what is sent over it gets to its peer. */
export interface Accepted {
  readonly ws: WebSocket;
  readonly wire: Wire;
}

/** Makes WebSockets with one set of limits, which ws fixes when it accepts. */
export class Acceptor {
  readonly #plain: WebSocketServer;
  /** `null` where nothing is compressed. */
  readonly #deflating: WebSocketServer | null;
  /** Read by ws while `accept` runs, which is synchronous. */
  #subProtocol: string | undefined;
  /** What ws has agreed to, written while `accept` runs. */
  #extensions: string | undefined;

  constructor(limits: ConnectionLimits) {
    const options: AcceptOptions = {
      noServer: true,
      WebSocket: AcceptedWebSocket,
      clientTracking: false,
      maxPayload: limits.maxMessageBytes,
      maxFragments: limits.maxFragments,
      maxBufferedChunks: limits.maxBufferedChunks,
      closeTimeout: limits.closeTimeoutMs,
      // The connection answers pings: ws would cut a peer whose pings arrive all at once.
      autoPong: false,
      handleProtocols: () => this.#subProtocol ?? false,
    };
    this.#plain = new WebSocketServer(options);
    this.#deflating = limits.perMessageDeflate
      ? new WebSocketServer({ ...options, perMessageDeflate: DEFLATE })
      : null;
    this.#deflating?.on("headers", (headers) => {
      this.#extensions = headers.find((header) => header.startsWith("Sec-WebSocket-Extensions:"));
    });
  }

  /** Writes the 101. `undefined`: the client has gone, and the socket with it. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { extensions }: CheckedUpgrade,
    subProtocol: string | undefined,
  ): Accepted | undefined {
    let ws: WebSocket | undefined;
    this.#subProtocol = subProtocol;
    const deflates = this.#deflating !== null && canDeflate(extensions);
    const server = deflates ? this.#deflating : this.#plain;
    server.handleUpgrade(request, socket, head, (accepted) => (ws = accepted));
    if (ws === undefined) return undefined;
    const wire = deflates
      ? new DeflatingWire(ws, socket, takesShared(this.#extensions))
      : new SocketWire(socket);
    return { ws, wire };
  }
}

/** Whether a message that was compressed by itself, with the full window, can be read by a client that has agreed to this. */
function takesShared(extensions: string | undefined): boolean {
  return (
    extensions !== undefined &&
    extensions.includes("server_no_context_takeover") &&
    !extensions.includes("server_max_window_bits")
  );
}

/** Whether ws takes one of the offers. Those that it does not know are declined (RFC 7692 section 5.1); ws refuses with 400. */
function canDeflate({ "permessage-deflate": offers }: Offers): boolean {
  if (offers === undefined) return false;
  try {
    new PerMessageDeflate({ ...DEFLATE, isServer: true }).accept(offers);
    return true;
  } catch {
    return false;
  }
}

/** Gives out one acceptor per distinct set of limits. */
export class Acceptors {
  readonly #byLimits = new Map<string, Acceptor>();

  for(limits: ConnectionLimits): Acceptor {
    const { maxMessageBytes, maxFragments, maxBufferedChunks, closeTimeoutMs, perMessageDeflate } = limits;
    const key = [maxMessageBytes, maxFragments, maxBufferedChunks, closeTimeoutMs, perMessageDeflate].join();
    let acceptor = this.#byLimits.get(key);
    if (acceptor === undefined) this.#byLimits.set(key, (acceptor = new Acceptor(limits)));
    return acceptor;
  }
}
