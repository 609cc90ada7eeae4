import type { Duplex } from "node:stream";
import {
  WebSocketSessions,
  type ApplicationStats,
  type InjectionToken,
  type WebSocketApplication,
  type WebSocketSession,
} from "@vernal/websocket";
import type { LogLine } from "./application-log";
import { dial } from "./dial";
import {
  applicationClosed,
  clocksStandStill,
  handshakeRefused,
  invalidTestArgument,
  noSession,
  notRefused,
} from "./errors";
import { unlessClocksStandStill } from "./fake-clocks";
import { checkHandshake } from "./handshake-options";
import type { HttpAnswer } from "./http-answer";
import { openWithin } from "./open-within";
import { RawConnection } from "./raw-connection";
import { now } from "./real-timers";
import { TestClient } from "./test-client";
import type { ConnectOptions } from "./test-client-options";
import { limitOf } from "./wait-options";

/** What a test application stands on. */
export interface TestApplicationParts {
  readonly application: WebSocketApplication;
  readonly url: string;
  readonly timeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly log: { readonly lines: readonly LogLine[]; readonly problems: readonly string[] };
  /** Whether a connection can come from this address, as far as its text tells. */
  readonly takesAddress: (remoteAddress: string) => boolean;
  /** Opens a connection from this address; the signal ends it where that takes too long. */
  readonly open: (remoteAddress: string | undefined, signal: AbortSignal) => Promise<Duplex>;
}

/** What a close may take beyond its drain, before it is asked whether its clocks go at all. */
const CLOSE_GRACE_MS = 500;

/**
 * A running application with its clients, started by `startTestApplication` or `startInMemoryApplication`. Close it, or
 * declare it with `await using`: nothing stays open then.
 */
export class TestApplication implements AsyncDisposable {
  /** The application itself. */
  readonly application: WebSocketApplication;
  /** Where it listens, such as `ws://localhost:49152`; without a port `ws://localhost`, where nobody else gets in. */
  readonly url: string;
  readonly #parts: TestApplicationParts;
  readonly #dials = new Set<Promise<unknown>>();
  readonly #connections = new Set<Duplex>();
  /** Those on which the test says every byte. */
  readonly #raw = new WeakSet<Duplex>();
  readonly #clients = new Map<Duplex, TestClient>();
  readonly #keys = new WeakMap<TestClient, string>();
  #closing: Promise<void> | undefined;

  /** @internal Use `startTestApplication` or `startInMemoryApplication`. */
  constructor(parts: TestApplicationParts) {
    this.application = parts.application;
    this.url = parts.url;
    this.#parts = parts;
  }

  /** What the application has logged, from debug on; empty where it was given a logger. */
  get log(): readonly LogLine[] {
    return this.#parts.log.lines;
  }

  /**
   * The component of this class, or whatever else this token stands for, as `WebSocketApplication.get`.
   *
   * @throws Error of tsyringe where nothing does.
   */
  get<T>(token: InjectionToken<T>): T {
    return this.application.get(token);
  }

  /**
   * The server's end of a client: to send from there, or to look at what a handler sees.
   *
   * @throws VernalError `VERNAL_TEST_NO_SESSION` once it has ended, or for the client of another application.
   */
  sessionOf(client: TestClient): WebSocketSession {
    const session = this.#findSession(client);
    if (session === undefined) throw noSession(client.path);
    return session;
  }

  /** As `WebSocketApplication.stats`. */
  stats(): ApplicationStats {
    return this.application.stats();
  }

  /**
   * Opens a session. When it settles, the session is among `WebSocketSessions` and `afterConnectionEstablished` has been
   * called; it may still run.
   *
   * @param path with a query, if there is one: `"/ws/rooms/lobby?token=x"`.
   * @throws VernalError `VERNAL_TEST_HANDSHAKE_REFUSED` with the server's `answer`, `VERNAL_TEST_TIMEOUT`,
   * `VERNAL_TEST_NO_HANDSHAKE`, `VERNAL_TEST_APPLICATION_CLOSED`, or `VERNAL_TEST_INVALID_ARGUMENT` for what no request can
   * hold, and for a `remoteAddress` that is none.
   */
  async connect(path: string, options: ConnectOptions = {}): Promise<TestClient> {
    const result = await this.#dial("connect", path, options);
    if (result instanceof TestClient) return result;
    const { body, ...answer } = result;
    throw handshakeRefused(`connect(${JSON.stringify(path)})`, answer, body, this.#parts.log.problems);
  }

  /**
   * Asks for a session that the server has to refuse, and gives its answer.
   *
   * @throws VernalError `VERNAL_TEST_NOT_REFUSED` where the session opens; otherwise as `connect`.
   */
  async refusal(path: string, options: ConnectOptions = {}): Promise<HttpAnswer> {
    const result = await this.#dial("refusal", path, options);
    if (!(result instanceof TestClient)) return result;
    result.terminate();
    throw notRefused(path);
  }

  /**
   * Opens a connection and sends nothing over it: for handshakes and frames that no client sends.
   *
   * @param options `remoteAddress` as for `connect`; `timeoutMs` is the limit of its waits.
   * @throws VernalError `VERNAL_TEST_APPLICATION_CLOSED`, `VERNAL_TEST_NO_HANDSHAKE` where nobody listens,
   * `VERNAL_TEST_TIMEOUT`, or `VERNAL_TEST_INVALID_ARGUMENT` for a `remoteAddress` that is none.
   */
  async openConnection(
    options: Pick<ConnectOptions, "remoteAddress" | "timeoutMs"> = {},
  ): Promise<RawConnection> {
    const call = "openConnection()";
    const timeoutMs = limitOf(options, this.#parts.timeoutMs, call);
    const socket = await this.#open(call, options.remoteAddress, timeoutMs);
    this.#raw.add(socket);
    return new RawConnection(socket, { timeoutMs }, this.#parts.log);
  }

  /**
   * Closes the application as `WebSocketApplication.close` does, so that clients see 1001, and ends what is left of clients
   * and connections. Raw connections and clients that are paused would not answer, and are cut first. With fake timers it
   * needs no time to pass, unless a callback does not settle. Further calls give the same promise.
   *
   * @throws VernalError `VERNAL_TEST_CLOCKS_STAND_STILL` where it needs time and fake timers let none pass; everything else
   * is only logged.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const ends = [...this.#connections].map(
      (socket) => new Promise((resolve) => socket.once("close", resolve)),
    );
    for (const socket of this.#connections) {
      if (this.#raw.has(socket) || this.#clients.get(socket)?.native.isPaused === true) socket.destroy();
    }
    const limitMs = this.#parts.drainTimeoutMs + CLOSE_GRACE_MS;
    try {
      await unlessClocksStandStill(this.application.close(), limitMs, () =>
        clocksStandStill(limitMs, this.stats().openSessions),
      );
      // The answers to handshakes that were waiting may still be on their way.
      await Promise.allSettled(this.#dials);
    } finally {
      for (const socket of this.#connections) socket.destroy();
      await Promise.all(ends);
    }
  }

  /** By the key of the handshake: addresses and ports are those of a proxy, and a port is that of one address only. */
  #findSession(client: TestClient): WebSocketSession | undefined {
    const key = this.#keys.get(client);
    if (key === undefined) return undefined;
    for (const session of this.get(WebSocketSessions)) {
      if (session.handshakeHeaders.get("sec-websocket-key") === key) return session;
    }
    return undefined;
  }

  async #dial(method: string, path: string, options: ConnectOptions): Promise<TestClient | HttpAnswer> {
    const { url, log } = this.#parts;
    const call = `${method}(${JSON.stringify(path)})`;
    checkHandshake(call, path, options);
    const timeoutMs = limitOf(options, this.#parts.timeoutMs, call);
    const started = now();
    const socket = await this.#open(call, options.remoteAddress, timeoutMs);
    const leftMs = Math.max(0, timeoutMs - (now() - started));
    const dialling = dial(socket, { url, path, call, timeoutMs, leftMs, log }, options, (opened) => {
      const buffered = (client: TestClient): number => this.#findSession(client)?.bufferedAmount ?? 0;
      const client = new TestClient(opened, path, timeoutMs, log, buffered);
      this.#clients.set(socket, client);
      this.#keys.set(client, opened.key);
      return client;
    });
    this.#dials.add(dialling);
    const result = await dialling.finally(() => this.#dials.delete(dialling));
    if (!(result instanceof TestClient)) socket.destroy();
    return result;
  }

  async #open(call: string, remoteAddress: string | undefined, timeoutMs: number): Promise<Duplex> {
    if (this.#isClosed()) throw applicationClosed(call);
    if (remoteAddress !== undefined && !this.#parts.takesAddress(remoteAddress)) {
      throw invalidTestArgument(
        `remoteAddress of ${call}`,
        remoteAddress,
        'an address of this machine, such as "127.0.0.2"; any other text only with startInMemoryApplication',
      );
    }
    const { log, open } = this.#parts;
    const socket = await openWithin(call, timeoutMs, log, (signal) => open(remoteAddress, signal));
    if (this.#isClosed()) {
      socket.destroy();
      throw applicationClosed(call);
    }
    this.#connections.add(socket);
    socket.once("close", () => {
      this.#connections.delete(socket);
      this.#clients.delete(socket);
    });
    return socket;
  }

  #isClosed(): boolean {
    return this.#closing !== undefined;
  }
}
