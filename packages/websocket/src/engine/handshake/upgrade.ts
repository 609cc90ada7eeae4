import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { refuse, Refusal } from "../../handshake";
import type { AttributeMap } from "../../session-attributes";
import { Connection } from "../connection/connection";
import { escapeForLog } from "../logging";
import type { SessionIndex } from "../sessions/session-index";
import type { Endpoint } from "./endpoint";
import type { EndpointTable } from "./endpoint-table";
import { handBack } from "./hand-back";
import { askApplication, firstSupported, type Approval } from "./interceptor-chain";
import { isOriginAllowed } from "./origin";
import { writeRefusal } from "./refusal";
import { checkUpgradeRequest } from "./request-check";
import { originForm, rawPathOf } from "./request-target";
import { CLIENT_GONE, UpgradeRequest } from "./upgrade-request";

/** What the upgrades of one server share. */
export interface UpgradeSettings {
  readonly endpoints: EndpointTable<Endpoint>;
  readonly index: SessionIndex;
  readonly logger: Logger;
  readonly handshakeTimeoutMs: number;
  readonly retryAfterSeconds: number;
  /** See `HttpServer.onceAnswered`. */
  readonly onceAnswered: (socket: Duplex, action: () => void) => boolean;
}

/** One upgrade on its way: what every step of it needs. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly endpoint: Endpoint;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly subProtocols: readonly string[];
}

const GOING_AWAY = "The server is going away.";

/** Turns upgrade requests into sockets or refusals. Every step that can be synchronous is. */
export class UpgradeListener {
  readonly #settings: UpgradeSettings;
  /** Handshakes that wait for the application. */
  readonly #inFlight = new Set<UpgradeRequest>();
  /** Sockets that are cut when an earlier request has its answer. */
  readonly #doomed = new Set<Duplex>();
  #draining = false;

  constructor(settings: UpgradeSettings) {
    this.#settings = settings;
  }

  listenOn(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", ignore);
      if (this.#settings.onceAnswered(socket, () => socket.destroy())) this.#hold(socket);
      else if (namesWebSocket(request)) this.#upgrade(request, socket, head);
      else this.#handBack(server, request, socket, head);
    });
  }

  /** From now on every upgrade is answered with 503, those included that wait for the application. */
  stopAccepting(): void {
    this.#draining = true;
    for (const request of this.#inFlight) request.interrupt(this.#unavailable(GOING_AWAY));
  }

  /** Cuts what still waits for the answer of an earlier request. */
  destroyDoomed(): void {
    for (const socket of this.#doomed) socket.destroy();
  }

  /** An upgrade behind a request without an answer, which its own would overtake. */
  #hold(socket: Duplex): void {
    this.#doomed.add(socket);
    socket.once("close", () => this.#doomed.delete(socket));
    // Only who reads notices that the client has gone.
    socket.once("end", () => socket.destroy());
    socket.resume();
  }

  #handBack(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.removeListener("error", ignore);
    handBack(server, request, socket, head);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { endpoints, index } = this.#settings;
    const found = endpoints.find(rawPathOf(request));
    if (found === "bad-escape") return this.#refuse(request, socket, refuse(400, "The path is malformed."));
    if (found === undefined) return this.#refuse(request, socket, refuse(404, "No WebSocket here."));
    const { endpoint, pathVariables } = found;
    if (this.#draining) return this.#refuse(request, socket, this.#unavailable(GOING_AWAY), endpoint);
    const checked = checkUpgradeRequest(request);
    if (checked instanceof Refusal) return this.#refuse(request, socket, checked, endpoint);
    if (!isOriginAllowed(endpoint.origin, request.headers.origin, schemeOf(socket), request.headers.host!)) {
      return this.#refuse(request, socket, refuse(403, "This origin is not allowed."), endpoint);
    }
    const { subProtocols } = checked;
    const upgrade: Upgrade = { request, socket, head, endpoint, pathVariables, subProtocols };
    if (endpoint.interceptors !== null || endpoint.handshakeHandler !== null) {
      void this.#askAndAccept(upgrade);
    } else {
      const subProtocol = firstSupported(subProtocols, endpoint.subProtocols);
      accept(upgrade, { principal: undefined, subProtocol }, undefined, index);
    }
  }

  async #askAndAccept(upgrade: Upgrade): Promise<void> {
    const { request, socket, endpoint, pathVariables, subProtocols } = upgrade;
    const { index, logger, handshakeTimeoutMs } = this.#settings;
    const attributes = new Map<string, unknown>() as AttributeMap;
    const upgradeRequest = new UpgradeRequest(request, socket, {
      uri: new URL(uriOf(upgrade)),
      pathVariables,
      subProtocols,
      timeoutMs: handshakeTimeoutMs,
      tooLate: this.#unavailable("The handshake took too long."),
    });
    this.#inFlight.add(upgradeRequest);
    const verdict = await askApplication(endpoint, upgradeRequest, attributes, logger);
    upgradeRequest.finish();
    this.#inFlight.delete(upgradeRequest);
    if (verdict === CLIENT_GONE) socket.destroy();
    else if (verdict instanceof Refusal) this.#refuse(request, socket, verdict, endpoint);
    else accept(upgrade, verdict, attributes, index);
  }

  #unavailable(body: string): Refusal {
    return refuse(503, body, {
      "Retry-After": String(this.#settings.retryAfterSeconds),
    });
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal, endpoint?: Endpoint): void {
    writeRefusal(socket, refusal, request.method);
    const { logger } = this.#settings;
    // The one refusal that is mostly a mistake of this side: an origin that was not listed.
    const level = refusal.status === 403 ? "info" : "debug";
    if (!logger.isLevelEnabled(level)) return;
    const { origin } = request.headers;
    const fields = {
      status: refusal.status,
      path: endpoint?.profile.path ?? escapeForLog(rawPathOf(request)),
      origin: origin === undefined ? undefined : escapeForLog(origin),
      remoteAddress: (socket as { remoteAddress?: string }).remoteAddress,
    };
    logger[level](fields, "handshake refused: %s", escapeForLog(refusal.body));
  }
}

function accept(
  upgrade: Upgrade,
  approval: Approval,
  attributes: AttributeMap | undefined,
  index: SessionIndex,
): void {
  const { request, socket, head, endpoint, pathVariables } = upgrade;
  const ws = endpoint.acceptor.accept(request, socket, head, approval.subProtocol);
  if (ws === undefined) return;
  const connection = new Connection(ws, socket, endpoint.profile, {
    uri: uriOf(upgrade),
    pathVariables,
    headers: request.headers,
    attributes,
    principal: approval.principal,
  });
  index.add(connection);
  connection.open();
}

function namesWebSocket(request: IncomingMessage): boolean {
  const names = (request.headers.upgrade ?? "").split(",");
  return names.some((name) => name.trim().toLowerCase() === "websocket");
}

function schemeOf(socket: Duplex): "http" | "https" {
  return (socket as { encrypted?: boolean }).encrypted === true ? "https" : "http";
}

function uriOf({ request, socket }: Upgrade): string {
  const scheme = schemeOf(socket) === "https" ? "wss" : "ws";
  return `${scheme}://${request.headers.host}${originForm(request)}`;
}

function ignore(): void {}
