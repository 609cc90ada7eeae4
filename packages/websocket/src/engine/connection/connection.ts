import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CloseStatus } from "../../close-status";
import { invalidArgument } from "../../errors";
import { HandshakeHeaders, isMoment, isPrincipal, type Principal } from "../../handshake";
import { BinaryMessage, PongMessage, TextMessage, type Sendable } from "../../message";
import type { WebSocketHandler } from "../../websocket-handler";
import type { AttributeMap } from "../../session-attributes";
import type { ClosedBy, SocketAddress } from "../../websocket-session";
import { judgeFailure, protocolErrorStatus } from "./failure";
import { encodeFrame, type Frame } from "./frame";
import { Inbox, type CallbackName, type InboxOwner } from "./inbox";
import { NOT_SENT, Outbox, type OutboxOwner } from "./outbox";
import type { ConnectionProfile, ObservedConnection } from "./profile";

/** `readyState` of an open WebSocket; the constants of ws are values, and this file imports none. */
const OPEN = 1;
const NO_GROUPS: ReadonlySet<string> = new Set();
const CONNECTION = Symbol("connection");

/** What a connection keeps of its handshake. */
export interface Opening {
  readonly handler: WebSocketHandler;
  /** The address that was asked for, query included. */
  readonly uri: string;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly attributes: AttributeMap | undefined;
  readonly principal: Principal | undefined;
}

interface Owned {
  [CONNECTION]: Connection;
}

/** One open WebSocket, of either side: its identity, its life, its listeners. */
export class Connection implements ObservedConnection, InboxOwner, OutboxOwner {
  readonly id: string = randomUUID();
  readonly native: WebSocket;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly remoteAddress: SocketAddress | undefined;
  readonly #profile: ConnectionProfile;
  readonly #socket: Duplex;
  readonly #opening: Opening;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  user: string | undefined;
  #principal: Principal | undefined;
  #expiresAt: Date | undefined;
  #attributes: AttributeMap | undefined;
  #groups: Set<string> | undefined;
  #uri: URL | undefined;
  #headers: HandshakeHeaders | undefined;
  #localAddress: SocketAddress | undefined;
  #aborting: AbortController | undefined;
  #closed:
    { readonly promise: Promise<CloseStatus>; readonly resolve: (status: CloseStatus) => void } | undefined;
  /** What this side decided. It is final once a close frame has carried it, unless the peer's came before. */
  #decided: CloseStatus | undefined;
  #closeFrameSent = false;
  #closeTimer: NodeJS.Timeout | undefined;
  /** How it ended; set once. */
  #final: CloseStatus | undefined;
  #closedBy: ClosedBy | undefined;

  /** Listens from this very turn on, so that nothing which came with the handshake is lost. */
  constructor(ws: WebSocket, socket: Duplex, profile: ConnectionProfile, opening: Opening) {
    this.native = ws;
    this.user = opening.principal?.name;
    this.#principal = opening.principal;
    this.#expiresAt = opening.principal?.expiresAt;
    this.pathVariables = opening.pathVariables;
    // Now, because a socket forgets it when it ends.
    const { remoteAddress, remotePort } = socket as { remoteAddress?: string; remotePort?: number };
    this.remoteAddress = addressOf(remoteAddress, remotePort);
    this.#profile = profile;
    this.#socket = socket;
    this.#opening = opening;
    this.#attributes = opening.attributes;
    this.#inbox = new Inbox(this, opening.handler);
    this.#outbox = new Outbox(this, socket);
    (ws as unknown as Owned)[CONNECTION] = this;
    (socket as unknown as Owned)[CONNECTION] = this;
    ws.on("message", onMessage);
    ws.on("pong", onPong);
    ws.on("error", onProtocolError);
    ws.on("close", onClose);
    socket.on("error", onSocketError);
    socket.on("end", onSocketEnd);
  }

  /** Starts the callbacks. */
  open(): void {
    this.#inbox.open();
  }

  get path(): string {
    return this.#profile.path;
  }

  get uri(): URL {
    return (this.#uri ??= new URL(this.#opening.uri));
  }

  get handshakeHeaders(): HandshakeHeaders {
    return (this.#headers ??= new HandshakeHeaders(this.#opening.headers));
  }

  get attributes(): AttributeMap {
    return (this.#attributes ??= new Map<string, unknown>() as AttributeMap);
  }

  get principal(): Principal | undefined {
    return this.#principal;
  }

  get expiresAt(): Date | undefined {
    return this.#expiresAt;
  }

  get localAddress(): SocketAddress | undefined {
    const { localAddress, localPort } = this.#socket as { localAddress?: string; localPort?: number };
    return (this.#localAddress ??= addressOf(localAddress, localPort));
  }

  get acceptedProtocol(): string | undefined {
    return this.native.protocol === "" ? undefined : this.native.protocol;
  }

  get isOpen(): boolean {
    return this.#decided === undefined && this.isWritable;
  }

  get isWritable(): boolean {
    return this.native.readyState === OPEN;
  }

  get bufferedAmount(): number {
    return this.#outbox.bufferedAmount;
  }

  get groups(): ReadonlySet<string> {
    return this.#groups ?? NO_GROUPS;
  }

  get signal(): AbortSignal {
    this.#aborting ??= new AbortController();
    if (this.#final !== undefined) this.#aborting.abort();
    return this.#aborting.signal;
  }

  get closed(): Promise<CloseStatus> {
    if (this.#closed === undefined) {
      let resolve!: (status: CloseStatus) => void;
      const promise = new Promise<CloseStatus>((settle) => (resolve = settle));
      this.#closed = { promise, resolve };
      if (this.#final !== undefined) resolve(this.#final);
    }
    return this.#closed.promise;
  }

  get closedBy(): ClosedBy | undefined {
    return this.#closedBy;
  }

  sendMessage(message: Sendable): Promise<boolean> {
    const frame = encodeFrame(message);
    return this.isOpen ? this.#outbox.send(frame) : NOT_SENT;
  }

  deliver(frame: Frame): boolean {
    if (!this.isOpen) return false;
    this.#outbox.deliver(frame);
    return true;
  }

  close(status: CloseStatus = CloseStatus.NORMAL): void {
    // Whoever ended it: who closes does not want to hear more.
    this.#inbox.discard();
    if (!this.isOpen) return;
    // What cannot be sent, which only code around the compiler gets here, leaves as a close frame without a code.
    this.#decided = status?.isSendable ? status : CloseStatus.NO_STATUS_CODE;
    if (this.#outbox.hasBacklog) {
      this.#terminateLater();
    } else {
      this.#sendCloseFrame(this.#decided);
    }
  }

  terminate(): void {
    this.native.terminate();
  }

  join(group: string): void {
    if (typeof group !== "string" || group === "") {
      throw invalidArgument("session.join", group, "the name of a group");
    }
    if (this.#final !== undefined || this.groups.has(group)) return;
    (this.#groups ??= new Set()).add(group);
    this.#profile.observer.joined(this, group);
  }

  leave(group: string): void {
    if (this.#final !== undefined || !this.#groups?.delete(group)) return;
    this.#profile.observer.left(this, group);
  }

  authenticate(principal: Principal | undefined, options: { readonly expiresAt?: Date } = {}): void {
    if (principal !== undefined && !isPrincipal(principal)) {
      throw invalidArgument("session.authenticate", principal, "an object with a name, or undefined");
    }
    const expiresAt = options?.expiresAt ?? principal?.expiresAt;
    if (expiresAt !== undefined && !isMoment(expiresAt)) {
      throw invalidArgument("session.authenticate", expiresAt, "a valid Date for expiresAt");
    }
    if (this.#final !== undefined) return;
    const before = this.user;
    this.user = principal?.name;
    this.#principal = principal;
    this.#expiresAt = expiresAt;
    // Not for the same name: a loop over the sessions of a user would meet this one again and again.
    if (this.user !== before) this.#profile.observer.userChanged(this, before);
  }

  backlogLeft(): void {
    if (this.#decided !== undefined) this.#sendCloseFrame(this.#decided);
  }

  callbackFailed(callback: CallbackName, error: unknown): void {
    const { logger, mapError } = this.#profile;
    if (callback === "afterConnectionClosed") {
      logger.error({ ...this.#logFields(), callback, err: error }, "afterConnectionClosed failed");
      return;
    }
    const { status, intended, mapperError } = judgeFailure(error, this, mapError);
    const fields = { ...this.#logFields(), callback, code: status.code, err: error };
    if (intended) logger.debug(fields, "a callback closes the session");
    else logger.error(fields, "a callback failed, the session closes");
    if (mapperError !== undefined)
      logger.error({ ...this.#logFields(), err: mapperError }, "mapError failed");
    this.close(status);
  }

  callbacksSettled(): void {
    const { observer, release } = this.#profile;
    if (release === null) observer.settled(this);
    else void release(this.#opening.handler).then(() => observer.settled(this));
  }

  receive(data: Buffer, isBinary: boolean): void {
    this.#inbox.accept(isBinary ? new BinaryMessage(data) : new TextMessage(data));
  }

  receivePong(data: Buffer): void {
    this.#inbox.accept(new PongMessage(data));
  }

  /** ws refuses what the peer sent, and has sent the status itself. */
  protocolFailed(error: Error): void {
    const status = protocolErrorStatus(error);
    if (this.#decided === undefined) {
      this.#decided = status;
      this.#inbox.fail(error);
    }
  }

  socketFailed(error: Error): void {
    this.#inbox.fail(error);
  }

  /** The peer sends no more; ws ends our side when all is written, which a peer that reads nothing can put off. */
  peerEnded(): void {
    this.#terminateLater();
  }

  ended(code: number, reason: string): void {
    const byPeer = code !== CloseStatus.NO_CLOSE_FRAME.code && !this.#closeFrameSent;
    const final = byPeer ? CloseStatus.received(code, reason) : (this.#decided ?? CloseStatus.NO_CLOSE_FRAME);
    this.#final = final;
    this.#closedBy = byPeer ? "peer" : this.#decided === undefined ? "network" : "local";
    clearTimeout(this.#closeTimer);
    this.#outbox.discard();
    const { logger, observer } = this.#profile;
    observer.ended(this);
    if (logger.isLevelEnabled("debug")) {
      const { discarded } = this.#inbox;
      logger.debug(
        { ...this.#logFields(), code: final.code, by: this.#closedBy, discarded },
        "session ended",
      );
    }
    this.#aborting?.abort();
    this.#closed?.resolve(final);
    this.#inbox.end(final);
  }

  #terminateLater(): void {
    this.#closeTimer ??= setTimeout(terminate, this.#profile.limits.closeTimeoutMs, this.native).unref();
  }

  #sendCloseFrame(status: CloseStatus): void {
    if (!this.isWritable) return;
    this.#closeFrameSent = true;
    if (status.isSendable) this.native.close(status.code, status.reason);
    else this.native.close();
  }

  #logFields(): { session: string; path: string } {
    return { session: this.id, path: this.#profile.path };
  }
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  connectionOf(this).receive(data as Buffer, isBinary);
}

function onPong(this: WebSocket, data: Buffer): void {
  connectionOf(this).receivePong(data);
}

function onProtocolError(this: WebSocket, error: Error): void {
  connectionOf(this).protocolFailed(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  connectionOf(this).ended(code, reason.toString("utf8"));
}

function onSocketError(this: Duplex, error: Error): void {
  connectionOf(this).socketFailed(error);
}

function onSocketEnd(this: Duplex): void {
  connectionOf(this).peerEnded();
}

function connectionOf(carrier: object): Connection {
  return (carrier as Owned)[CONNECTION];
}

function terminate(ws: WebSocket): void {
  ws.terminate();
}

function addressOf(address: string | undefined, port: number | undefined): SocketAddress | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}
