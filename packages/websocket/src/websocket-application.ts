import type { IncomingMessage } from "node:http";
import type { ServerOptions as TlsOptions } from "node:https";
import { inspect } from "node:util";
import type { Logger } from "pino";
import type { AnyClass } from "./class-metadata";
import { boot, type Booted } from "./engine/boot/boot";
import { closeOnSignals } from "./engine/boot/signals";
import { createEndpointTable, type EndpointTable } from "./engine/handshake/endpoint-table";
import type { Endpoint } from "./engine/handshake/endpoint";
import { HttpServer, type RequestListener } from "./engine/handshake/http-server";
import { rawPathOf } from "./engine/handshake/request-target";
import { UpgradeListener } from "./engine/handshake/upgrade";
import { createLogger } from "./engine/logging";
import { drain } from "./engine/sessions/drain";
import { bootFailed, optionOutOfRange, VernalError } from "./errors";
import type { InjectionToken } from "./injection";
import type { ConnectionOptions } from "./options";
import type { ErrorMapper } from "./websocket-handler";

/** How an application is put together. The limits of `ConnectionOptions` hold for every handler that sets no others. */
export interface WebSocketApplicationOptions extends ConnectionOptions {
  /** The port to listen on; 0 takes a free one. Default 8080. */
  readonly port?: number;
  /** The address to listen on. Default: all. */
  readonly host?: string;
  /** Certificate and key, and what else `https.createServer` takes. Default: plain, as behind a proxy. */
  readonly tls?: TlsOptions;
  /**
   * Answers the requests of HTTP that are none of ours, such as a page: a function, or an express application. Default:
   * 404.
   */
  readonly requestListener?: RequestListener;
  /**
   * What answers an ordinary request for the path of a handler: `"426"` says that WebSocket is spoken there, and
   * `"listener"` passes it to `requestListener`. Default `"426"`.
   */
  readonly plainRequests?: "426" | "listener";
  /**
   * Folders whose modules are loaded for the decorated classes that they export, such as `join(__dirname, "handlers")`.
   * What their constructors name is found through them, wherever it lies.
   */
  readonly scan?: readonly string[];
  /** Decorated classes, beside or instead of `scan`. */
  readonly components?: readonly AnyClass[];
  /** How long interceptors and handshake handler may take together, before 503. Milliseconds, default 10 000. */
  readonly handshakeTimeoutMs?: number;
  /** How long a client may take to send the head of a request, before 408. Milliseconds, default 10 000. */
  readonly headersTimeoutMs?: number;
  /** How long `close` waits for the sessions to end, before it cuts them. Milliseconds, default 30 000. */
  readonly drainTimeoutMs?: number;
  /** What a refusal with 503 tells the client to wait. Seconds, default 5. */
  readonly retryAfterSeconds?: number;
  /** How failed callbacks close their sessions, where a handler does not say. Default: with 1011. */
  readonly mapError?: ErrorMapper;
  /** Close the application that `run` started. Default `SIGTERM` and `SIGINT`; an empty list for none. */
  readonly signals?: readonly NodeJS.Signals[];
  /** A logger of pino. Default: one for standard output, readable unless `NODE_ENV` is `production`. */
  readonly logger?: Logger;
}

const DEFAULT_PORT = 8080;
const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];
const LONGEST_MS = 3_600_000;

/** A server of WebSocket handlers (in Spring: the application context and its server). */
export class WebSocketApplication {
  readonly #booted: Booted;
  readonly #server: HttpServer;
  readonly #upgrades: UpgradeListener;
  readonly #host: string | undefined;
  readonly #scheme: "ws" | "wss";
  readonly #drainTimeoutMs: number;
  readonly #logger: Logger;
  #closing: Promise<void> | undefined;
  #forgetSignals: (() => void) | undefined;

  /**
   * Boots and listens for a program: `start`, and then it closes at `SIGTERM` and `SIGINT` and lets the process end with
   * 0.
   *
   * Where it cannot start it prints one report of all problems to standard error, without a stack unless `LOG_LEVEL` is
   * `debug` or `trace`, sets the exit code 1, and rejects; the rejection may be left alone.
   */
  static run(options: WebSocketApplicationOptions = {}): Promise<WebSocketApplication> {
    const running = WebSocketApplication.#run(options);
    // Whoever does not await it has the report and the exit code.
    running.catch(() => {});
    return running;
  }

  /**
   * Boots and listens: `run` without signals, report and exit code.
   *
   * @throws VernalError `VERNAL_BOOT_FAILED`; its `problems` are all that was found. What had been started is disposed.
   */
  static async start(options: WebSocketApplicationOptions = {}): Promise<WebSocketApplication> {
    const application = await WebSocketApplication.#open(options);
    application.#logStart();
    return application;
  }

  static async #open(options: WebSocketApplicationOptions): Promise<WebSocketApplication> {
    const logger = options.logger ?? createLogger(process.env);
    const booted = await boot({
      problems: optionProblems(options),
      scan: options.scan ?? [],
      components: options.components ?? [],
      limits: options,
      mapError: options.mapError,
      logger,
    });
    try {
      const application = new WebSocketApplication(booted, options, logger);
      await booted.container.start();
      await application.#server.listen(options.port ?? DEFAULT_PORT, options.host);
      return application;
    } catch (error) {
      await booted.container.dispose();
      throw error instanceof VernalError ? bootFailed([error]) : error;
    }
  }

  static async #run(options: WebSocketApplicationOptions): Promise<WebSocketApplication> {
    try {
      const application = await WebSocketApplication.#open(options);
      const signals = options.signals ?? DEFAULT_SIGNALS;
      const close = (): Promise<void> => application.close();
      application.#forgetSignals = closeOnSignals(signals, close, application.#logger);
      // Last: whoever reads that it listens may send a signal at once.
      application.#logStart();
      return application;
    } catch (error) {
      process.stderr.write(`${report(error)}\n`);
      process.exitCode = 1;
      throw error;
    }
  }

  private constructor(booted: Booted, options: WebSocketApplicationOptions, logger: Logger) {
    this.#booted = booted;
    this.#logger = logger;
    this.#host = options.host;
    this.#scheme = options.tls === undefined ? "ws" : "wss";
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 30_000;
    const endpoints = createEndpointTable(booted.endpoints);
    this.#server = new HttpServer({
      tls: options.tls,
      headersTimeoutMs: options.headersTimeoutMs ?? 10_000,
      requestListener: options.requestListener,
      isOurs: (request) => options.plainRequests !== "listener" && isEndpoint(endpoints, request),
      logger,
    });
    this.#upgrades = new UpgradeListener({
      endpoints,
      index: booted.index,
      logger,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
      retryAfterSeconds: options.retryAfterSeconds ?? 5,
      onceAnswered: (socket, action) => this.#server.onceAnswered(socket, action),
    });
    this.#upgrades.listenOn(this.#server.server);
  }

  /** The port that it listens on; also the one that 0 took. */
  get port(): number {
    return this.#server.port;
  }

  /** Where it listens, such as `ws://localhost:8080`. */
  get url(): string {
    return `${this.#scheme}://${hostInUrl(this.#host)}:${this.port}`;
  }

  /**
   * The component of this class, or whatever else this token stands for.
   *
   * @throws Error of tsyringe where nothing does.
   */
  get<T>(token: InjectionToken<T>): T {
    return this.#booted.container.get(token);
  }

  /**
   * Ends every session with 1001, waits for their last callbacks, cuts what is left after `drainTimeoutMs`, then ends
   * the server and disposes the components in reverse order. Never rejects; further calls give the same promise.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#upgrades.stopAccepting();
    this.#server.stopListening();
    const cut = await drain(this.#booted.index, this.#drainTimeoutMs);
    if (cut > 0) this.#logger.warn({ sessions: cut }, "sessions cut at the end of drainTimeoutMs");
    this.#upgrades.destroyDoomed();
    await this.#server.destroy();
    await this.#booted.container.dispose();
    this.#forgetSignals?.();
    this.#logger.info("closed");
  }

  #logStart(): void {
    const { registrations } = this.#booted;
    if (registrations.length === 0)
      this.#logger.warn("no handler is registered: name some by scan or components");
    for (const { name, paths, options } of registrations) {
      const listed = [...(options.allowedOrigins ?? []), ...(options.allowedOriginPatterns ?? [])];
      const origins = listed.length === 0 ? "same origin" : listed.join(", ");
      for (const path of paths) {
        this.#logger.info(
          { endpoint: { path, handler: name, origins } },
          "%s -> %s (%s)",
          path,
          name,
          origins,
        );
      }
    }
    this.#logger.info({ port: this.port }, "listening on %s", this.url.replace(/^ws/, "http"));
  }
}

function isEndpoint(endpoints: EndpointTable<Endpoint>, request: IncomingMessage): boolean {
  return typeof endpoints.find(rawPathOf(request)) === "object";
}

function optionProblems(options: WebSocketApplicationOptions): VernalError[] {
  const ranges: Readonly<Record<string, readonly [number, number]>> = {
    port: [0, 65_535],
    handshakeTimeoutMs: [1, LONGEST_MS],
    headersTimeoutMs: [1, LONGEST_MS],
    drainTimeoutMs: [0, LONGEST_MS],
    retryAfterSeconds: [0, LONGEST_MS],
  };
  return Object.entries(ranges).flatMap(([name, [least, most]]) => {
    const value = options[name as keyof WebSocketApplicationOptions];
    if (value === undefined) return [];
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return [];
    return [optionOutOfRange("the application", name, value, `a whole number from ${least} to ${most}`)];
  });
}

function hostInUrl(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

function report(error: unknown): string {
  const level = process.env["LOG_LEVEL"]?.toLowerCase();
  if (level === "debug" || level === "trace" || !(error instanceof Error)) return inspect(error);
  return error instanceof VernalError ? error.message : (error.stack ?? error.message);
}
