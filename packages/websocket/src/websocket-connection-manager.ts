import { missingCallbacks } from "./engine/connection/callbacks";
import type { ConnectionRun, RunSettings } from "./engine/client/connection-run";
import type { Sendable } from "./message";
import { partsOf, type WebSocketClient } from "./websocket-client";
import type {
  AskedEachTime,
  WebSocketConnectionManagerOptions,
} from "./websocket-connection-manager-options";
import type { WebSocketHandler } from "./websocket-handler";
import type { WebSocketSession } from "./websocket-session";
import { notAHandler } from "./wiring-errors";

/**
 * Keeps one connection with a server, from `start` to `stop` (Spring `WebSocketConnectionManager`). Unlike Spring's it
 * comes back: with exponential backoff and full jitter, soon after an announced restart, and not at all where the server
 * wants nothing more of it. The handler gets one session after the other, and the last callback of one settles before
 * the next one begins, unless it takes longer than `callbackTimeoutMs`.
 *
 * While it is started it keeps the process alive, also between two attempts.
 */
export class WebSocketConnectionManager {
  readonly #settings: RunSettings;
  #run: ConnectionRun | undefined;

  /**
   * @param url where to connect, or a function that is asked for it before each attempt. What it throws counts as a
   * failed attempt.
   * @throws VernalError `VERNAL_INVALID_ARGUMENT`, `VERNAL_NOT_A_HANDLER`, `VERNAL_UNKNOWN_OPTION` or
   * `VERNAL_OPTION_OUT_OF_RANGE`.
   */
  constructor(
    client: WebSocketClient,
    handler: WebSocketHandler,
    url: AskedEachTime<string | URL>,
    options: WebSocketConnectionManagerOptions = {},
  ) {
    const { checkManagerOptions } =
      require("./engine/client/manager-options") as typeof import("./engine/client/manager-options");
    const { parseUrl } = require("./engine/client/target") as typeof import("./engine/client/target");
    checkManagerOptions(options);
    const missing = missingCallbacks(handler);
    if (missing.length > 0) throw notAHandler("The handler given to WebSocketConnectionManager", missing);
    if (typeof url !== "function") parseUrl(url);
    const { logger, limits } = partsOf(client);
    const execute: RunSettings["execute"] = (...call) => client.execute(...call);
    const { callbackTimeoutMs } = limits;
    this.#settings = { handler, url, options, callbackTimeoutMs, logger, execute };
  }

  /** Whether it is started and has not given up, connected or not. */
  get isRunning(): boolean {
    return this.#run?.isRunning === true;
  }

  /** Whether there is an open session. */
  get isConnected(): boolean {
    return this.session !== undefined;
  }

  /** The open session; `undefined` where there is none, or where it has begun to close. */
  get session(): WebSocketSession | undefined {
    return this.#run?.session;
  }

  /**
   * Connects, and comes back from now on. Does nothing while it is running. After `stop`, or when it has given up, it
   * begins anew; the new connection waits for the end of the one before.
   */
  start(): void {
    if (this.isRunning) return;
    const { ConnectionRun } = connectionRun();
    this.#run = new ConnectionRun(this.#settings, this.#run);
  }

  /**
   * Gives up a running attempt or the wait for the next one, answers what waits in the queue with `false`, and closes
   * the session with 1000.
   *
   * @returns a promise that settles when the connection has ended and `disconnected` was called for it. It waits for no
   * callback of the handler, so it may be awaited anywhere, in those as well. Never rejects. Settled at once where nothing
   * is running.
   */
  stop(): Promise<void> {
    return this.#run?.stop() ?? Promise.resolve();
  }

  /**
   * The same as `stop`, for an application that made the manager, as by `@Bean()`: it is started and disposed with its
   * application.
   */
  dispose(): Promise<void> {
    return this.stop();
  }

  /**
   * Sends through the open session. With the option `queue` a message waits where there is none, and while
   * `afterConnectionEstablished` or what was sent before is still running: it goes when all that was sent before has
   * gone. What a session has taken is not sent again on the next one.
   *
   * @returns what `session.sendMessage` answers; `false` where there is no session and no queue, no room in the queue,
   * or an end before the message could go. Never rejects.
   * @throws VernalError `VERNAL_INVALID_ARGUMENT` at once for anything that is no message.
   */
  send(message: Sendable): Promise<boolean> {
    return this.#run === undefined ? connectionRun().notSent(message) : this.#run.send(message);
  }
}

// As all that only clients need it is loaded when there is one: most programs are servers and nothing else.
function connectionRun(): typeof import("./engine/client/connection-run") {
  return require("./engine/client/connection-run") as typeof import("./engine/client/connection-run");
}
