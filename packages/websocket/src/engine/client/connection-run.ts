import type { Logger } from "pino";
import { CloseStatus } from "../../close-status";
import { cannotConnect, targetFailed } from "../../client-errors";
import { VernalError } from "../../errors";
import type { Sendable } from "../../message";
import type { ExecuteOptions } from "../../websocket-client-options";
import type {
  AskedEachTime,
  ConnectionEnd,
  Disconnection,
  WebSocketConnectionManagerOptions,
} from "../../websocket-connection-manager-options";
import type { WebSocketHandler } from "../../websocket-handler";
import type { WebSocketSession } from "../../websocket-session";
import { encodeFrame } from "../connection/frame";
import { NOT_SENT } from "../connection/outbox";
import { isDeadlineStatus } from "../connection/supervision";
import { ManagedHandler, type SessionWatcher } from "./managed-handler";
import { backoffOf, queueBoundsOf } from "./manager-options";
import { isFinal, nextAttempt, type Ending, type NextAttempt } from "./reconnect";
import { SendQueue } from "./send-queue";
import { DEFAULT_CONNECT_TIMEOUT_MS } from "./target";
import { answeredWithin, pause, unlessAborted, waitAtMost } from "./waits";

const DEFAULT_STABLE_AFTER_MS = 10_000;

/** What the runs of one manager share. */
export interface RunSettings {
  readonly handler: WebSocketHandler;
  readonly url: AskedEachTime<string | URL>;
  readonly options: WebSocketConnectionManagerOptions;
  /** How long the next connection waits for the last callback of the one before. */
  readonly callbackTimeoutMs: number;
  readonly logger: Logger;
  readonly execute: (
    handler: WebSocketHandler,
    url: string | URL,
    options: ExecuteOptions,
  ) => Promise<WebSocketSession>;
}

/** What a manager does from one start to the stop after it: one connection after the other. */
export class ConnectionRun implements SessionWatcher {
  /** Settles when there is no connection any more, and nothing that would make one. */
  readonly ended: Promise<void>;
  /** Settles when that is so of the runs before this one too. */
  readonly gone: Promise<void>;
  readonly #settings: RunSettings;
  readonly #before: Promise<void> | undefined;
  readonly #handler: ManagedHandler;
  readonly #queue: SendQueue | undefined;
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal = this.#stopping.signal;
  #isOver = false;
  #session: WebSocketSession | undefined;
  #openedAt = 0;
  #isEstablished = false;
  #lastCallback: Promise<void> = Promise.resolve();
  #settleLastCallback: (() => void) | undefined;

  /** @param before the run before this one, for whose end the first connection waits. */
  constructor(settings: RunSettings, before: ConnectionRun | undefined) {
    this.#settings = settings;
    this.#before = before?.settled();
    this.#handler = new ManagedHandler(settings.handler, this);
    const bounds = queueBoundsOf(settings.options);
    this.#queue = bounds && new SendQueue(bounds);
    this.ended = this.#run();
    this.gone = Promise.all([before?.gone, this.ended]).then(() => {});
  }

  get isRunning(): boolean {
    return !this.#isOver && !this.#signal.aborted;
  }

  get session(): WebSocketSession | undefined {
    return this.#session?.isOpen ? this.#session : undefined;
  }

  /** Settles when nothing of this run is left, callbacks included. */
  async settled(): Promise<void> {
    await this.#before;
    await this.ended;
    await waitAtMost(this.#settings.callbackTimeoutMs, this.#lastCallback);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    this.#session?.close(CloseStatus.NORMAL);
    return this.gone;
  }

  send(message: Sendable): Promise<boolean> {
    const { session } = this;
    const mayGoAtOnce = this.#queue === undefined || (this.#queue.isEmpty && this.#isEstablished);
    if (session !== undefined && mayGoAtOnce) return session.sendMessage(message);
    if (this.#queue !== undefined && this.isRunning) return this.#queue.add(message);
    return notSent(message);
  }

  opened(session: WebSocketSession): void {
    this.#session = session;
    this.#openedAt = performance.now();
    this.#isEstablished = false;
    this.#lastCallback = new Promise((resolve) => (this.#settleLastCallback = resolve));
  }

  established(session: WebSocketSession): void {
    if (!session.isOpen) return;
    this.#isEstablished = true;
    this.#settings.logger.info({ session: session.id }, "connected to %s", addressOf(session.uri));
    void this.#queue?.flushTo(session);
    this.#tell("connected", session);
  }

  lastCallbackSettled(session: WebSocketSession): void {
    // One that was given up may settle when another session is there.
    if (session === this.#session) this.#settleLastCallback?.();
  }

  async #run(): Promise<void> {
    if (this.#before !== undefined) await unlessAborted(this.#before, this.#signal).catch(() => {});
    await this.#keepConnected();
    this.#isOver = true;
    this.#queue?.discard();
  }

  async #keepConnected(): Promise<void> {
    const { callbackTimeoutMs } = this.#settings;
    let failures = 0;
    while (!this.#signal.aborted) {
      const end = await this.#connect();
      // Stopped before there was a connection: nothing has ended.
      if (end === undefined) return;
      const next = this.#decide(end, failures);
      this.#report(end, next);
      if (next === "stop") return;
      failures = next.failures;
      // A handler sees the last of one session before the first of the next.
      const lastCallback = waitAtMost(callbackTimeoutMs, this.#lastCallback, this.#signal);
      await Promise.all([pause(next.delayMs, this.#signal), lastCallback]);
    }
  }

  /** Makes a connection and holds it until it ends. */
  async #connect(): Promise<ConnectionEnd | undefined> {
    const { url, options, execute } = this.#settings;
    try {
      const session = await execute(this.#handler, await this.#ask("url", url), {
        headers: await this.#ask("headers", options.headers),
        subProtocols: options.subProtocols,
        origin: options.origin,
        tls: options.tls,
        connectTimeoutMs: options.connectTimeoutMs,
        signal: this.#signal,
      });
      return { status: await session.closed, error: undefined };
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      return {
        status: undefined,
        error: error instanceof VernalError ? error : cannotConnect("the server", error),
      };
    }
  }

  async #ask<T>(option: string, asked: AskedEachTime<T>): Promise<T> {
    if (typeof asked !== "function") return asked;
    try {
      const { connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = this.#settings.options;
      const answer = Promise.resolve((asked as () => T | Promise<T>)());
      return await answeredWithin(connectTimeoutMs, unlessAborted(answer, this.#signal));
    } catch (error) {
      throw targetFailed(option, error);
    }
  }

  #decide(end: ConnectionEnd, failures: number): NextAttempt | "stop" {
    if (this.#signal.aborted) return "stop";
    const ending = this.#endingOf(end);
    const comesBack = ending.kind !== "impossible" && (this.#askApplication(end) ?? !isFinal(ending));
    // The application may have stopped the manager when it was asked.
    if (!comesBack || this.#signal.aborted) return "stop";
    return nextAttempt(ending, failures, backoffOf(this.#settings.options), Math.random(), Date.now());
  }

  #endingOf({ status, error }: ConnectionEnd): Ending {
    if (status !== undefined) {
      const { stableAfterMs = DEFAULT_STABLE_AFTER_MS } = this.#settings.options;
      const wasStable = performance.now() - this.#openedAt >= stableAfterMs;
      // A network that fails in the middle of something looks like a slow peer first, and the server has said nothing.
      const code = isDeadlineStatus(status) ? CloseStatus.NO_CLOSE_FRAME.code : status.code;
      return { kind: "closed", code, wasStable };
    }
    switch (error?.code) {
      case "VERNAL_HANDSHAKE_REFUSED": {
        const { status: refusedWith = 0, headers } = error.answer ?? {};
        return { kind: "refused", status: refusedWith, retryAfter: headers?.["retry-after"]?.toString() };
      }
      case "VERNAL_CANNOT_CONNECT":
      case "VERNAL_CONNECT_TIMEOUT":
      case "VERNAL_TARGET_FAILED":
        return { kind: "unreachable" };
      default:
        return { kind: "impossible" };
    }
  }

  #askApplication(end: ConnectionEnd): boolean | undefined {
    try {
      const answer: unknown = this.#settings.options.shouldReconnect?.(end);
      // Its type forbids a promise; one that rejects would end the process.
      if (answer instanceof Promise) {
        answer.catch(() => {});
        this.#settings.logger.error("shouldReconnect has to answer at once, and not with a promise");
      }
      return typeof answer === "boolean" ? answer : undefined;
    } catch (error) {
      this.#settings.logger.error({ err: error }, "shouldReconnect failed");
      return undefined;
    }
  }

  #report({ status, error }: ConnectionEnd, next: NextAttempt | "stop"): void {
    const { logger } = this.#settings;
    const code = status?.code ?? error?.code;
    const what = error?.message ?? `the connection ended with ${status?.code}.`;
    const isOver = next === "stop";
    if (!isOver) {
      logger.warn({ code, delayMs: next.delayMs }, "%s The next attempt is in %d ms.", what, next.delayMs);
    } else if (this.#signal.aborted || status?.code === CloseStatus.NORMAL.code) {
      logger.info({ code }, "%s", what);
    } else {
      logger.error({ code }, "%s There is no further attempt.", what);
    }
    const after: Disconnection["next"] = isOver ? "stopped" : { delayMs: next.delayMs };
    // Before the application is told, so that it finds what it is told.
    this.#isOver ||= isOver;
    this.#tell("disconnected", { status, error, next: after });
  }

  #tell(name: "connected", argument: WebSocketSession): void;
  #tell(name: "disconnected", argument: Disconnection): void;
  #tell(name: "connected" | "disconnected", argument: never): void {
    const { options, logger } = this.#settings;
    const failed = (error: unknown): void => logger.error({ callback: name, err: error }, "%s failed", name);
    try {
      const result: unknown = options[name]?.(argument);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** The answer where nothing is sent; throws for anything that is no message. */
export function notSent(message: Sendable): Promise<boolean> {
  encodeFrame(message);
  return NOT_SENT;
}

/** A url as it may stand in a log. */
function addressOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
