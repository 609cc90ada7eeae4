import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { ServerOptions as TlsOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { cannotListen, invalidTls } from "../../errors";
import type { RequestListener } from "../../handshake";
import { webSocketUrl, type ApplicationServer, type UpgradeHandler } from "./application-server";
import { NO_NEIGHBOURS } from "./neighbours";
import { UnansweredRequests } from "./unanswered-requests";

/** Node looks at the clock of half-sent headers this often; its own 30 s would make a limit of 10 s one of 40. */
const CONNECTIONS_CHECKING_INTERVAL_MS = 1000;

export interface HttpServerSettings {
  readonly port: number;
  readonly host: string | undefined;
  readonly tls: TlsOptions | undefined;
  readonly headersTimeoutMs: number;
  readonly requestListener: RequestListener | undefined;
  /** Whether a plain request is for a path of a handler and answered by us. */
  readonly isOurs: (request: IncomingMessage) => boolean;
  readonly logger: Logger;
}

/** The server of an application that brings none. */
export class HttpServer implements ApplicationServer {
  readonly server: Server;
  readonly unanswered = new UnansweredRequests();
  readonly neighbours = NO_NEIGHBOURS;
  readonly #settings: HttpServerSettings;
  #port = 0;

  constructor(settings: HttpServerSettings) {
    this.#settings = settings;
    const options = {
      headersTimeout: settings.headersTimeoutMs,
      connectionsCheckingInterval: CONNECTIONS_CHECKING_INTERVAL_MS,
    };
    this.server =
      settings.tls === undefined
        ? createHttpServer(options)
        : createHttpsServer({ ...options, ...settings.tls });
    this.server.on("request", this.unanswered.observe);
    this.server.on("request", (request, response) => this.#answer(request, response));
  }

  /** Rejects with `VERNAL_CANNOT_LISTEN`. */
  open(onUpgrade: UpgradeHandler): Promise<void> {
    const { port, host } = this.#settings;
    this.server.on("upgrade", onUpgrade);
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => reject(cannotListen(`${host ?? "*"}:${port}`, error));
      this.server.once("error", onError);
      this.server.listen({ port, host }, () => {
        this.server.removeListener("error", onError);
        this.#port = (this.server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  /** Where it listens, or listened. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    return webSocketUrl(this.#settings.tls !== undefined, this.#settings.host, this.#port);
  }

  /** Stops listening, ends every connection that was not upgraded, and waits for the end of those that were. */
  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.unanswered.destroyHeld();
    this.server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#settings.isOurs(request)) answerUpgradeRequired(response);
    else if (this.#settings.requestListener === undefined) answerPlainly(response, 404, "Not found");
    else void this.#askListener(this.#settings.requestListener, request, response);
  }

  /** A failure of the application's listener ends its request and not the process. */
  async #askListener(
    listener: RequestListener,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      await listener(request, response);
    } catch (error) {
      this.#settings.logger.error({ err: error }, "requestListener failed");
      if (response.headersSent) response.destroy();
      else answerPlainly(response, 500, "Internal server error");
    }
  }
}

function answerUpgradeRequired(response: ServerResponse): void {
  response.setHeader("Upgrade", "websocket");
  response.setHeader("Connection", "Upgrade, close");
  answerPlainly(response, 426, "This path speaks WebSocket only.");
}

function answerPlainly(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

// Loaded here, because most servers leave TLS to a proxy.
function createHttpsServer(options: TlsOptions): Server {
  const https = require("node:https") as typeof import("node:https");
  try {
    return https.createServer(options);
  } catch (error) {
    throw invalidTls(error);
  }
}
