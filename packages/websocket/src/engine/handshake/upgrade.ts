import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { BlockList } from "node:net";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { refuse, Refusal } from "../../handshake";
import type { AttributeMap } from "../../session-attributes";
import { Connection, type Opening } from "../connection/connection";
import type { Counters } from "../counters";
import { escapeForLog } from "../logging";
import type { Seat, SeatLimit } from "../sessions/admission";
import type { SessionIndex } from "../sessions/session-index";
import type { ApplicationServer } from "./application-server";
import { clientAddressOf, clientOf, type Client } from "./client-address";
import type { Endpoint, OwnHandler } from "./endpoint";
import type { EndpointTable } from "./endpoint-table";
import type { AdmitUser, Approval } from "./interceptor-chain";
import { isOriginAllowed } from "./origin";
import { writeRefusal } from "./refusal";
import { checkUpgradeRequest, firstSupported, type CheckedUpgrade } from "./request-check";
import { RepeatedTexts } from "./repeated-texts";
import { asksForWebSocket, originForm, rawPathOf } from "./request-target";
import type { UpgradeRequest } from "./upgrade-request";

/** What the upgrades of one server share. */
export interface UpgradeSettings {
  readonly server: ApplicationServer;
  readonly endpoints: EndpointTable<Endpoint>;
  readonly index: SessionIndex;
  readonly counters: Counters;
  readonly logger: Logger;
  /** `null` where there are none. */
  readonly trustedProxies: BlockList | null;
  readonly handshakeTimeoutMs: number;
  readonly retryAfterSeconds: number;
}

/** One upgrade on its way: what every step of it needs. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly checked: CheckedUpgrade;
  readonly seat: Seat | null;
}

const GOING_AWAY = "The server is going away.";
const FULL: Readonly<Record<SeatLimit, readonly [status: number, body: string]>> = {
  maxConnections: [503, "There are too many connections."],
  maxConnectionsPerAddress: [429, "There are too many connections from this address."],
  maxConnectionsPerUser: [429, "There are too many connections of this user."],
};

/** Those who try all paths there are do not fill the log. */
const SHOWN_UNKNOWN_PATHS = 10;

/** Turns upgrade requests into sockets or refusals. Every step that can be synchronous is. */
export class UpgradeListener {
  readonly #settings: UpgradeSettings;
  /** Handshakes that wait for the application. */
  readonly #inFlight = new Set<UpgradeRequest>();
  readonly #texts = new RepeatedTexts();
  #draining = false;
  /** How many handshakes for unknown paths the log has shown. */
  #unknownPaths = 0;

  constructor(settings: UpgradeSettings) {
    this.#settings = settings;
  }

  /** The listener of the server. */
  readonly handle = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", ignore);
    if (asksForWebSocket(request)) return this.#upgrade(request, socket, head);
    const { neighbours, unanswered } = this.#settings.server;
    neighbours.leaveProtocol(request, socket, () => {
      if (!unanswered.hold(socket)) this.#handBack(request, socket, head);
    });
  };

  /** From now on every upgrade is answered with 503, those included that wait for the application. */
  stopAccepting(): void {
    this.#draining = true;
    for (const request of this.#inFlight) request.interrupt(this.#unavailable(GOING_AWAY));
  }

  #handBack(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // As often as there are applications on this server.
    while (socket.listeners("error").includes(ignore)) socket.removeListener("error", ignore);
    const { handBack } = require("./hand-back") as typeof import("./hand-back");
    handBack(this.#settings.server.server, request, socket, head);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { endpoints, server } = this.#settings;
    const found = endpoints.find(rawPathOf(request));
    if (found === undefined) return this.#leave(request, socket, refuse(404, "No WebSocket here."));
    if (found === "malformed") return this.#leave(request, socket, refuse(400, "The path is malformed."));
    if (!server.neighbours.take(request) || server.unanswered.hold(socket)) return;
    const { endpoint, pathVariables } = found;
    if (this.#draining) return this.#refuse(request, socket, this.#unavailable(GOING_AWAY), endpoint);
    const checked = checkUpgradeRequest(request);
    if (checked instanceof Refusal) return this.#refuse(request, socket, checked, endpoint);
    const client = clientOf(request, socket, this.#settings.trustedProxies);
    const seat = endpoint.admission?.take(socket, client.address) ?? null;
    if (typeof seat === "string") return this.#refuse(request, socket, this.#full(seat), endpoint);
    if (!isOriginAllowed(endpoint.origin, request.headers.origin, client.scheme, client.host)) {
      return this.#refuse(request, socket, refuse(403, "This origin is not allowed."), endpoint);
    }
    const upgrade: Upgrade = { request, socket, head, client, endpoint, pathVariables, checked, seat };
    if (endpoint.interceptors !== null || endpoint.handshakeHandler !== null) {
      void this.#askAndAccept(upgrade);
    } else {
      const subProtocol = firstSupported(checked.subProtocols, endpoint.subProtocols);
      this.#accept(upgrade, { principal: undefined, subProtocol }, undefined);
    }
  }

  /** A path that no handler has. */
  #leave(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    const { neighbours, unanswered } = this.#settings.server;
    neighbours.leavePath(request, socket, () => {
      if (!unanswered.hold(socket)) this.#refuse(request, socket, refusal);
    });
  }

  async #askAndAccept(upgrade: Upgrade): Promise<void> {
    const { request, socket, client, endpoint, pathVariables, checked, seat } = upgrade;
    const { logger, handshakeTimeoutMs } = this.#settings;
    // By `loadAsking` they are there already.
    const { askApplication } = require("./interceptor-chain") as typeof import("./interceptor-chain");
    const { UpgradeRequest } = require("./upgrade-request") as typeof import("./upgrade-request");
    const attributes = new Map<string, unknown>() as AttributeMap;
    const upgradeRequest = new UpgradeRequest(request, socket, {
      uri: new URL(serverUriOf(upgrade) + originForm(request)),
      pathVariables,
      subProtocols: checked.subProtocols,
      remoteAddress: client.address,
      timeoutMs: handshakeTimeoutMs,
      tooLate: this.#unavailable("The handshake took too long."),
    });
    this.#inFlight.add(upgradeRequest);
    const admitUser: AdmitUser | null =
      seat && ((name) => (seat.changeUser(name) ? undefined : this.#full("maxConnectionsPerUser")));
    const verdict = await askApplication(endpoint, upgradeRequest, attributes, admitUser, logger);
    upgradeRequest.finish();
    this.#inFlight.delete(upgradeRequest);
    // The one verdict of a client that has gone.
    if (typeof verdict === "symbol") socket.destroy();
    else if (verdict instanceof Refusal) this.#refuse(request, socket, verdict, endpoint);
    // An approval that still waited for an afterHandshake.
    else if (this.#draining) this.#refuse(request, socket, this.#unavailable(GOING_AWAY), endpoint);
    else this.#accept(upgrade, verdict, attributes);
  }

  #accept(upgrade: Upgrade, approval: Approval, attributes: AttributeMap | undefined): void {
    const { request, socket, endpoint } = upgrade;
    const { index, counters, logger } = this.#settings;
    let own: OwnHandler | undefined;
    try {
      own = endpoint.makeHandler?.();
    } catch (error) {
      logger.error({ path: endpoint.profile.path, err: error }, "the handler of a connection cannot be made");
      return this.#refuse(request, socket, refuse(500), endpoint);
    }
    let connection: Connection | undefined;
    try {
      // From here on ws listens. For a third listener Node would keep room for twenty as long as the socket lives.
      socket.removeListener("error", ignore);
      connection = accept(upgrade, own, approval, attributes, this.#texts);
    } catch (error) {
      // Another listener of the host has made a WebSocket of this socket already: it is not ours to touch.
      logger.error({ path: endpoint.profile.path, err: error }, "another listener has taken the handshake");
    }
    if (connection === undefined) {
      if (own !== undefined) void endpoint.profile.release?.(own.instance);
      return;
    }
    counters.opened += 1;
    index.add(connection);
    connection.open();
  }

  #full(limit: SeatLimit): Refusal {
    return this.#comeBack(...FULL[limit]);
  }

  #unavailable(body: string): Refusal {
    return this.#comeBack(503, body);
  }

  #comeBack(status: number, body: string): Refusal {
    return refuse(status, body, { "Retry-After": String(this.#settings.retryAfterSeconds) });
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal, endpoint?: Endpoint): void {
    writeRefusal(socket, refusal, request.method);
    const { counters, logger, trustedProxies } = this.#settings;
    counters.refused(refusal.status);
    const level = this.#levelOf(refusal);
    if (!logger.isLevelEnabled(level)) return;
    const { origin } = request.headers;
    const fields = {
      status: refusal.status,
      path: endpoint?.profile.path ?? escapeForLog(rawPathOf(request)),
      origin: origin === undefined ? undefined : escapeForLog(origin),
      remoteAddress: clientAddressOf(request, socket, trustedProxies),
    };
    logger[level](fields, "handshake refused: %s", escapeForLog(refusal.body || nameOf(refusal.status)));
  }

  /** At info what is mostly a mistake of this side: an origin that was not listed, and a misspelt path. */
  #levelOf({ status }: Refusal): "info" | "debug" {
    if (status === 403) return "info";
    if (status !== 404 || this.#unknownPaths >= SHOWN_UNKNOWN_PATHS) return "debug";
    this.#unknownPaths += 1;
    return "info";
  }
}

/** Loads what endpoints need that ask somebody. Boot calls it where one does, so that no handshake has to. */
export function loadAsking(): void {
  require("./interceptor-chain");
  require("./upgrade-request");
}

/** Writes the 101; `undefined` if the client has gone. */
function accept(
  upgrade: Upgrade,
  own: OwnHandler | undefined,
  approval: Approval,
  attributes: AttributeMap | undefined,
  texts: RepeatedTexts,
): Connection | undefined {
  const { request, socket, head, client, endpoint, pathVariables, checked, seat } = upgrade;
  const accepted = endpoint.acceptor.accept(request, socket, head, checked, approval.subProtocol);
  if (accepted === undefined) return undefined;
  texts.replaceIn(request.headers);
  const opening: Opening = {
    // One of the two is always there.
    handler: endpoint.handler ?? own!.handler,
    instance: own?.instance,
    uri: keptUriOf(upgrade, texts),
    pathVariables,
    headers: request.headers,
    attributes,
    principal: approval.principal,
    remoteAddress: client.isForwarded ? { address: client.address!, port: undefined } : undefined,
    seat,
  };
  return new Connection(accepted.ws, socket, endpoint.profile, opening, accepted.wire);
}

/** A query and the variables of a path are of one session: they may hold a token, which nobody keeps for longer. */
function keptUriOf(upgrade: Upgrade, texts: RepeatedTexts): string {
  const target = originForm(upgrade.request);
  const server = serverUriOf(upgrade);
  return target === upgrade.endpoint.profile.path ? texts.of(server + target) : texts.of(server) + target;
}

function serverUriOf({ client }: Upgrade): string {
  return `${client.scheme === "https" ? "wss" : "ws"}://${client.host}`;
}

function nameOf(status: number): string {
  return STATUS_CODES[status] ?? String(status);
}

function ignore(): void {}
