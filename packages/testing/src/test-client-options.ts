import type { WaitOptions } from "./wait-options";

/** How a test client asks for a session. */
export interface ConnectOptions extends WaitOptions {
  /**
   * The limit of the handshake, from the opening of the connection on, and of each wait of the client that is told no
   * other; `Infinity` for none. Milliseconds. Default: the `timeoutMs` of the test application.
   */
  readonly timeoutMs?: number;
  /** More headers of the handshake, such as `Authorization` or `Cookie`. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The page that asks, as a browser says it. Default: no `Origin`, as of a client that is no browser. */
  readonly origin?: string;
  /** What the client offers, in its order, each once. Default: nothing. */
  readonly subProtocols?: readonly string[];
  /** Whether it answers pings. Default `true`; without it the heartbeat takes it for gone. */
  readonly autoPong?: boolean;
  /** Whether it offers compression. Default `false`. */
  readonly perMessageDeflate?: boolean;
  /**
   * Where it comes from, for `maxConnectionsPerAddress` and for what reads `remoteAddress`: any text without a port, an
   * address of this machine with one (on Linux all that begin with `127.`). Default `"127.0.0.1"`.
   */
  readonly remoteAddress?: string;
}
