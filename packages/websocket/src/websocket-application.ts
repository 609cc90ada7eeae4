import { Server as HttpHostServer, type IncomingMessage } from "node:http";
import type { Server as HttpsHostServer } from "node:https";
import { Server as TlsServer } from "node:tls";
import { inspect } from "node:util";
import type { Logger } from "pino";
import { boot, type Booted } from "./engine/boot/boot";
import type { BootProgress } from "./engine/boot/container";
import {
  asContainer,
  asList,
  asLogger,
  checkAttachedOptions,
  checkServerOptions,
} from "./engine/boot/option-check";
import { closeOnSignals } from "./engine/boot/signals";
import type { ApplicationServer } from "./engine/handshake/application-server";
import { compileTrustedProxies } from "./engine/handshake/client-address";
import { createEndpointTable, type EndpointTable } from "./engine/handshake/endpoint-table";
import type { Endpoint } from "./engine/handshake/endpoint";
import { HttpServer } from "./engine/handshake/http-server";
import { rawPathOf } from "./engine/handshake/request-target";
import { UpgradeListener } from "./engine/handshake/upgrade";
import { createLogger } from "./engine/logging";
import type { DrainSettings } from "./engine/sessions/drain";
import { describeToken, isConstructor } from "./engine/boot/token";
import { bootFailed, bootStuck, notAServer, VernalError } from "./errors";
import { missingToken } from "./injection-errors";
import { isMeantToBeSeparate, type InjectionToken } from "./injection";
import type { ApplicationStats } from "./stats";
import type {
  ApplicationOptions,
  AttachedApplicationOptions,
  WebSocketApplicationOptions,
} from "./websocket-application-options";

const DEFAULT_PORT = 8080;
const DEFAULT_SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

/** A server of WebSocket handlers (in Spring: the application context and its server). */
export class WebSocketApplication {
  readonly #booted: Booted;
  readonly #server: ApplicationServer;
  readonly #upgrades: UpgradeListener;
  readonly #drain: DrainSettings;
  readonly #logger: Logger;
  #closing: Promise<void> | undefined;
  #forgetSignals: (() => void) | undefined;
  #forgetHost: (() => void) | undefined;

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
    const application = await WebSocketApplication.#listen(options);
    application.#logStart();
    return application;
  }

  /**
   * Boots on a server that somebody else owns, whether it listens already or not, and takes the WebSocket handshakes for
   * the paths of its handlers. Upgrades before that are the host's, so attach first and then listen.
   *
   * Everything else stays the host's: plain requests, also those for the paths of handlers, and `Upgrade: h2c`; the
   * handshakes of other listeners of `upgrade`, unless nobody touches the socket for 10 seconds, which is a 404; errors,
   * signals, and the end of the server. Close the application first: the server waits for its sessions.
   *
   * @throws VernalError `VERNAL_BOOT_FAILED`, as `start`.
   */
  static async attach(
    server: HttpHostServer | HttpsHostServer,
    options: AttachedApplicationOptions = {},
  ): Promise<WebSocketApplication> {
    const problems = checkAttachedOptions(options);
    if (!isHttpServer(server)) problems.push(notAServer(server));
    // Loaded here, as a program has a server of its own or the one of a host.
    const { AttachedServer } =
      require("./engine/handshake/attached-server") as typeof import("./engine/handshake/attached-server");
    const { warnOfClosedHost } =
      require("./engine/handshake/closed-host") as typeof import("./engine/handshake/closed-host");
    const application = await WebSocketApplication.#open(
      options,
      problems,
      (_, logger) => new AttachedServer(server, logger),
    );
    const { index } = application.#booted;
    application.#forgetHost = warnOfClosedHost(server, () => index.size, application.#logger);
    application.#logEndpoints();
    application.#logger.info("attached to the server of its host");
    return application;
  }

  static #listen(
    options: WebSocketApplicationOptions,
    progress?: BootProgress,
  ): Promise<WebSocketApplication> {
    const makeServer = (endpoints: EndpointTable<Endpoint>, logger: Logger): ApplicationServer => {
      return new HttpServer({
        port: options.port ?? DEFAULT_PORT,
        host: options.host,
        tls: options.tls,
        headersTimeoutMs: options.headersTimeoutMs ?? 10_000,
        requestListener: options.requestListener,
        isOurs: (request) => options.plainRequests !== "listener" && isEndpoint(endpoints, request),
        logger,
      });
    };
    return WebSocketApplication.#open(options, checkServerOptions(options), makeServer, progress);
  }

  static async #open(
    options: ApplicationOptions,
    problems: readonly VernalError[],
    makeServer: (endpoints: EndpointTable<Endpoint>, logger: Logger) => ApplicationServer,
    progress: BootProgress = { waitingFor: undefined },
  ): Promise<WebSocketApplication> {
    const logger = asLogger(options.logger) ?? createLogger(process.env);
    const booted = await boot({
      problems,
      scan: asList(options.scan).filter((folder) => typeof folder === "string"),
      components: asList(options.components),
      providers: asList(options.providers),
      overrides: asList(options.overrides),
      container: asContainer(options.container),
      limits: options,
      mapError: options.mapError,
      decorators: asList(options.decorators),
      logger,
      progress,
    });
    try {
      const endpoints = createEndpointTable(booted.endpoints);
      const server = makeServer(endpoints, logger);
      const application = new WebSocketApplication(booted, options, logger, endpoints, server);
      await booted.start();
      await server.open(application.#upgrades.handle);
      booted.sweep.start(booted.endpoints.map(({ endpoint }) => endpoint.profile.limits));
      return application;
    } catch (error) {
      await booted.container.dispose();
      throw error instanceof VernalError ? bootFailed([error]) : error;
    }
  }

  static async #run(options: WebSocketApplicationOptions): Promise<WebSocketApplication> {
    const progress: BootProgress = { waitingFor: undefined };
    const onIdle = (): void => fail(bootFailed([bootStuck(progress.waitingFor ?? "an unknown step")]));
    process.once("beforeExit", onIdle);
    try {
      const application = await WebSocketApplication.#listen(options, progress);
      const signals = options.signals ?? DEFAULT_SIGNALS;
      const close = (): Promise<void> => application.close();
      application.#forgetSignals = closeOnSignals(signals, close, application.#logger);
      // Last: whoever reads that it listens may send a signal at once.
      application.#logStart();
      return application;
    } catch (error) {
      fail(error);
      throw error;
    } finally {
      process.removeListener("beforeExit", onIdle);
    }
  }

  private constructor(
    booted: Booted,
    options: ApplicationOptions,
    logger: Logger,
    endpoints: EndpointTable<Endpoint>,
    server: ApplicationServer,
  ) {
    this.#booted = booted;
    this.#logger = logger;
    this.#drain = {
      timeoutMs: options.drainTimeoutMs ?? 30_000,
      jitterMs: options.drainJitterMs ?? 5000,
      batchSize: options.drainBatchSize ?? 100,
    };
    this.#server = server;
    this.#upgrades = new UpgradeListener({
      server,
      endpoints,
      index: booted.index,
      counters: booted.counters,
      logger,
      trustedProxies: compileTrustedProxies(options.trustedProxies ?? []).trusted,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
      retryAfterSeconds: options.retryAfterSeconds ?? 5,
    });
  }

  /**
   * The port that it listens on; also the one that 0 took.
   *
   * @throws VernalError `VERNAL_NOT_LISTENING` while the server that it is attached to listens on none.
   */
  get port(): number {
    return this.#server.port;
  }

  /**
   * Where it listens, such as `ws://localhost:8080`.
   *
   * @throws VernalError `VERNAL_NOT_LISTENING`, as `port`.
   */
  get url(): string {
    return this.#server.url;
  }

  /**
   * The component of this class, or whatever else this token stands for; of a class with `@injectable()` a new instance
   * each time.
   *
   * @throws VernalError `VERNAL_MISSING_PROVIDER` where it stands for nothing, as an undecorated class does: each that it
   * is injected into has one of its own.
   */
  get<T>(token: InjectionToken<T>): T {
    const { container } = this.#booted;
    const isMadeAnew = isConstructor(token) && isMeantToBeSeparate(token);
    if (!isMadeAnew && !container.isProvided(token)) throw missingToken(describeToken(token));
    return container.get(token);
  }

  /** What the application has done so far, and what it has open. Cheap: ask as often as you like. */
  stats(): ApplicationStats {
    const { index, counters, endpoints } = this.#booted;
    const paths = endpoints.map(({ endpoint }) => endpoint.profile.path);
    return counters.toStats(Object.fromEntries(paths.map((path) => [path, index.ofPath(path).size])));
  }

  /**
   * Not to be awaited in a callback of a session, whose end it waits for.
   *
   * Sessions end in batches over `drainJitterMs`: each takes no more messages, its callbacks for those that have arrived
   * run and their answers leave, then it closes with 1001 and waits for the peer's close. Upgrades are answered with 503
   * and `Retry-After` in the meantime. Callbacks that still run shortly before `drainTimeoutMs` are no longer waited for,
   * and what is left then is cut. Then the server ends and the components are disposed in reverse order. The server of a
   * host goes on; only the listeners leave it. Never rejects; further calls give the same promise.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#forgetHost?.();
    this.#upgrades.stopAccepting();
    const { drain } = require("./engine/sessions/drain") as typeof import("./engine/sessions/drain");
    const cut = await drain(this.#booted.index, this.#drain);
    if (cut > 0) this.#logger.warn({ sessions: cut }, "sessions cut at the end of drainTimeoutMs");
    await this.#server.end();
    this.#booted.sweep.stop();
    await this.#booted.container.dispose();
    this.#forgetSignals?.();
    this.#logger.info("closed");
  }

  #logStart(): void {
    this.#logEndpoints();
    this.#logger.info({ port: this.port }, "listening on %s", this.url.replace(/^ws/, "http"));
  }

  #logEndpoints(): void {
    const { registrations } = this.#booted;
    if (registrations.length === 0)
      this.#logger.warn(
        "no handler has a path: give it one by @WebSocketHandler or by a configurer, and name it by scan or components",
      );
    for (const { name, paths, options } of registrations) {
      const listed = [...(options.allowedOrigins ?? []), ...(options.allowedOriginPatterns ?? [])];
      const origins = listed.includes("*") ? "*" : ["same origin", ...listed].join(", ");
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
  }
}

function isHttpServer(value: unknown): boolean {
  return value instanceof HttpHostServer || value instanceof TlsServer;
}

function isEndpoint(endpoints: EndpointTable<Endpoint>, request: IncomingMessage): boolean {
  return typeof endpoints.find(rawPathOf(request)) === "object";
}

function fail(error: unknown): void {
  process.stderr.write(`${report(error)}\n`);
  process.exitCode = 1;
}

function report(error: unknown): string {
  const level = process.env["LOG_LEVEL"]?.toLowerCase();
  if (level === "debug" || level === "trace" || !(error instanceof Error)) return inspect(error);
  return error instanceof VernalError ? error.message : (error.stack ?? error.message);
}
