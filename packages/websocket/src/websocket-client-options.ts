import type { ConnectionOptions as TlsConnectionOptions } from "node:tls";
import type { Logger } from "pino";
import type { ConnectionOptions, SeatOptions } from "./options";
import type { ErrorMapper } from "./websocket-handler";

/** What a client says in its handshake, and how long it waits for the answer. */
export interface ClientHandshakeOptions {
  /**
   * More headers, such as `{ Authorization: "Bearer …" }`. Those that the protocol owns, such as `Host`, `Upgrade` or
   * `Sec-WebSocket-Protocol`, are refused. Default: none: those come by themselves.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The sub-protocols to offer, best first; a server that takes none of them gives no connection. Default: those of a
   * handler that is `SubProtocolCapable`: what it speaks does not depend on the side.
   */
  readonly subProtocols?: readonly string[];
  /** The header `Origin`, for a server that lets in some origins only. Default: none: only browsers have to say it. */
  readonly origin?: string;
  /**
   * For `wss`: what `tls.connect` takes, such as `ca` for a certificate authority of your own, or `cert` and `key` for a
   * certificate of the client. Default: the authorities that Node trusts: whoever else is to be trusted has to be named.
   */
  readonly tls?: TlsConnectionOptions;
  /**
   * How long it may take from the call to the answer of the server, look-up of its name and TLS included. Milliseconds,
   * default 10 000: who has not answered by then mostly never will.
   */
  readonly connectTimeoutMs?: number;
}

/**
 * How a `WebSocketClient` opens sessions, and what each of them may cost: the limits of `ConnectionOptions` hold for a
 * server that sends too much as they hold for a client.
 */
export interface WebSocketClientOptions
  extends ClientHandshakeOptions, Omit<ConnectionOptions, keyof SeatOptions> {
  /** How failed callbacks close their sessions. Default: with 1011: the server learns that this side failed, and no more. */
  readonly mapError?: ErrorMapper;
  /**
   * A logger of pino. Default: one for standard output, readable unless `NODE_ENV` is `production`: people read it while
   * they develop, programs afterwards. Its level is that in the environment's `LOG_LEVEL`, or `info`.
   */
  readonly logger?: Logger;
}

/** What holds for one call of `WebSocketClient.execute`: its values win, and its headers are added to the client's. */
export interface ExecuteOptions extends ClientHandshakeOptions {
  /**
   * Gives up while there is no session yet; `execute` rejects with its reason. A session is ended by `close`. Default:
   * none: `connectTimeoutMs` ends the wait anyway.
   */
  readonly signal?: AbortSignal;
}
