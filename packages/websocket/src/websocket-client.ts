import type { Logger } from "pino";
import { missingCallbacks } from "./engine/connection/callbacks";
import { Connection } from "./engine/connection/connection";
import { WebSocketWire } from "./engine/connection/websocket-wire";
import { resolveLimits } from "./engine/connection/limits";
import type { ClientSessions } from "./engine/client/client-sessions";
import type { Dialled, Target } from "./engine/client/dial";
import { Counters } from "./engine/counters";
import { createLogger } from "./engine/logging";
import { clientClosed } from "./client-errors";
import type { ConnectionLimits } from "./options";
import type { ExecuteOptions, WebSocketClientOptions } from "./websocket-client-options";
import type { WebSocketHandler } from "./websocket-handler";
import type { WebSocketSession } from "./websocket-session";
import { notAHandler } from "./wiring-errors";

/** What the manager of a client's connections needs of it. */
export let partsOf: (client: WebSocketClient) => {
  readonly logger: Logger;
  readonly limits: ConnectionLimits;
};

/**
 * Opens sessions with the servers of others (Spring `WebSocketClient`). Handlers and sessions are those of a server:
 * callbacks one at a time and in order, the same promises of `sendMessage`, the same limits, failures and heartbeat.
 *
 * One client can open any number of sessions, and one handler can serve them all. A session that ends stays ended;
 * `WebSocketConnectionManager` comes back.
 */
export class WebSocketClient {
  readonly #options: WebSocketClientOptions;
  readonly #limits: ConnectionLimits;
  readonly #logger: Logger;
  readonly #counters = new Counters();
  readonly #sessions: ClientSessions;
  readonly #dials = new Set<AbortController>();
  #closing: Promise<void> | undefined;

  /**
   * @throws VernalError `VERNAL_UNKNOWN_OPTION` for what is no option, `VERNAL_OPTION_OUT_OF_RANGE` for one with a value that
   * it cannot have.
   */
  constructor(options: WebSocketClientOptions = {}) {
    clientOptions().checkClientOptions(options);
    const { ClientSessions } =
      require("./engine/client/client-sessions") as typeof import("./engine/client/client-sessions");
    this.#options = options;
    this.#limits = resolveLimits({}, options);
    this.#sessions = new ClientSessions(this.#limits);
    this.#logger = options.logger ?? createLogger(process.env);
  }

  static {
    partsOf = (client) => ({ logger: client.#logger, limits: client.#limits });
  }

  /**
   * Opens one session (Spring `execute`).
   *
   * @param url with the scheme `ws` or `wss`; a user and a password in it are sent as `Authorization: Basic`.
   * @returns the session, once the server has answered with 101: `afterConnectionEstablished` has been called, and may
   * still run. `session.handshakeHeaders` are those of the answer.
   * @throws VernalError `VERNAL_CANNOT_CONNECT`, `VERNAL_CONNECT_TIMEOUT`, or `VERNAL_HANDSHAKE_REFUSED` with the
   * server's `answer`; `VERNAL_INVALID_ARGUMENT`, `VERNAL_UNKNOWN_OPTION` or `VERNAL_OPTION_OUT_OF_RANGE` for what cannot be
   * tried; `VERNAL_CLIENT_CLOSED` after `close`.
   */
  async execute(
    handler: WebSocketHandler,
    url: string | URL,
    options: ExecuteOptions = {},
  ): Promise<WebSocketSession> {
    if (this.#closing !== undefined) throw clientClosed();
    clientOptions().checkExecuteOptions(options);
    const { dial } = require("./engine/client/dial") as typeof import("./engine/client/dial");
    const { targetOf } = require("./engine/client/target") as typeof import("./engine/client/target");
    const missing = missingCallbacks(handler);
    if (missing.length > 0) throw notAHandler("The handler given to WebSocketClient.execute", missing);
    const target = targetOf(url, handler, options, this.#options, this.#limits);

    const dialling = new AbortController();
    const abort = (): void => dialling.abort(options.signal?.reason);
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener("abort", abort);
    this.#dials.add(dialling);
    try {
      return await dial(target, dialling.signal, (dialled) => this.#open(target, handler, dialled));
    } finally {
      this.#dials.delete(dialling);
      options.signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Not to be awaited in a callback of a session, whose end it waits for.
   *
   * Gives up what `execute` has not finished, ends every session that it opened with 1001, and waits for their last
   * callbacks, each for `callbackTimeoutMs` at most. Final: a client that was closed opens no more. Never
   * rejects; further calls give the same promise.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** The same as `close`, for an application that made the client, as by `@Bean()`, and disposes it with itself. */
  dispose(): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const dialling of this.#dials) dialling.abort(clientClosed());
    await this.#sessions.close();
  }

  #open(target: Target, handler: WebSocketHandler, { ws, socket, response }: Dialled): Connection {
    const uri = new URL(target.url);
    uri.username = "";
    uri.password = "";
    const profile = {
      path: target.url.pathname,
      limits: this.#limits,
      clock: this.#sessions.clock,
      mapError: this.#options.mapError,
      logger: this.#logger,
      observer: this.#sessions,
      counters: this.#counters,
      release: null,
    };
    const opening = {
      handler,
      instance: undefined,
      uri: uri.href,
      pathVariables: {},
      headers: response.headers,
      remoteAddress: undefined,
      attributes: undefined,
      principal: undefined,
      seat: null,
    };
    const wire = new WebSocketWire(ws, socket);
    const connection = new Connection(ws, socket, profile, opening, wire);
    this.#counters.opened += 1;
    this.#sessions.add(connection);
    connection.open();
    return connection;
  }
}

// As all that only clients need it is loaded when there is one: most programs are servers and nothing else.
function clientOptions(): typeof import("./engine/client/client-options") {
  return require("./engine/client/client-options") as typeof import("./engine/client/client-options");
}
