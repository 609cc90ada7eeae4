import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CloseSessionError, CloseStatus } from "../../close-status";
import { invalidArgument, tooManyGroups } from "../../errors";
import { HandshakeHeaders, isMoment, isPrincipal, type Principal } from "../../handshake";
import { BinaryMessage, PongMessage, TextMessage, type Sendable } from "../../message";
import type { ConnectionLimits } from "../../options";
import type { WebSocketHandler } from "../../websocket-handler";
import type { AttributeMap } from "../../session-attributes";
import type { ClosedBy, SocketAddress } from "../../websocket-session";
import { isCloseStatus, judgeFailure, limitOf, protocolErrorStatus } from "./failure";
import { isControl, payloadOf, type Frame } from "./frame";
import { Inbox, type CallbackName, type InboundLimit, type InboxOwner } from "./inbox";
import { listen, type SocketListener } from "./listeners";
import { NOT_SENT, Outbox, type OutboundLimit, type OutboxOwner } from "./outbox";
import { Pongs } from "./pongs";
import type { ConnectionProfile, ObservedConnection, UserSeat } from "./profile";
import { isHeartbeat, Supervision, type SupervisedOwner } from "./supervision";
import { newSessionId } from "./session-id";
import type { Wire } from "./wire";

const notAStatus = (status: unknown): Error =>
  invalidArgument("session.close", status, "a CloseStatus, such as new CloseStatus(4000)");

/** `readyState` of an open WebSocket; the constants of ws are values, and this file imports none. */
const OPEN = 1;
const NO_GROUPS: ReadonlySet<string> = new Set();
const TOO_MANY_OF_USER = new CloseStatus(1008, "Too many connections of this user");

/** What a connection needs of its handshake. */
export interface Opening {
  readonly handler: WebSocketHandler;
  /** What was made for this connection alone and is given back: the handler, or the one that it decorates. */
  readonly instance: WebSocketHandler | undefined;
  /** The address that was asked for, query included. */
  readonly uri: string;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly attributes: AttributeMap | undefined;
  readonly principal: Principal | undefined;
  /** The client's, where a proxy has told it; else it is the socket's. */
  readonly remoteAddress: SocketAddress | undefined;
  /** `null` where nobody counts. */
  readonly seat: UserSeat | null;
}

/** One open WebSocket, of either side: its identity, its life, its listeners. */
export class Connection
  implements ObservedConnection, SocketListener, InboxOwner, OutboxOwner, SupervisedOwner
{
  readonly id: string = newSessionId();
  readonly native: WebSocket;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly remoteAddress: SocketAddress | undefined;
  readonly #profile: ConnectionProfile;
  readonly #socket: Duplex;
  readonly #instance: WebSocketHandler | undefined;
  readonly #seat: UserSeat | null;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #supervision: Supervision;
  #pongs: Pongs | undefined;
  user: string | undefined;
  #principal: Principal | undefined;
  #expiresAt: Date | undefined;
  #attributes: AttributeMap | undefined;
  #groups: Set<string> | undefined;
  /** As it came, until somebody asks for it. */
  #uri: URL | string;
  #headers: HandshakeHeaders | IncomingHttpHeaders;
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
  constructor(ws: WebSocket, socket: Duplex, profile: ConnectionProfile, opening: Opening, wire: Wire) {
    this.native = ws;
    this.user = opening.principal?.name;
    this.#principal = opening.principal;
    this.#expiresAt = opening.principal?.expiresAt;
    this.pathVariables = opening.pathVariables;
    // Now, because a socket forgets it when it ends.
    const { remoteAddress, remotePort } = socket as { remoteAddress?: string; remotePort?: number };
    this.remoteAddress = opening.remoteAddress ?? addressOf(remoteAddress, remotePort);
    this.#profile = profile;
    this.#socket = socket;
    this.#instance = opening.instance;
    this.#seat = opening.seat;
    this.#uri = opening.uri;
    this.#headers = opening.headers;
    this.#attributes = opening.attributes;
    this.#inbox = new Inbox(this, opening.handler);
    this.#outbox = new Outbox(this, socket, wire);
    this.#supervision = new Supervision(this, profile);
    listen(ws, socket, this);
  }

  /** Starts the callbacks. */
  open(): void {
    this.#inbox.open();
  }

  get limits(): ConnectionLimits {
    return this.#profile.limits;
  }

  get now(): number {
    return this.#profile.clock.now;
  }

  get path(): string {
    return this.#profile.path;
  }

  get uri(): URL {
    if (typeof this.#uri === "string") this.#uri = new URL(this.#uri);
    return this.#uri;
  }

  get handshakeHeaders(): HandshakeHeaders {
    if (!(this.#headers instanceof HandshakeHeaders)) this.#headers = new HandshakeHeaders(this.#headers);
    return this.#headers;
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
    // What ws was still compressing at the end it counts for good.
    return this.#final === undefined ? this.#outbox.bufferedAmount : 0;
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
    if (this.isOpen) return this.#outbox.send(message);
    // What is wrong throws, sent or not.
    payloadOf(message);
    return NOT_SENT;
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
    if (!isCloseStatus(status)) this.#profile.logger.warn(this.logFields(), notAStatus(status).message);
    // What cannot be sent, such as 1006 of another session, leaves as a close frame without a code.
    this.#decided = isCloseStatus(status) && status.isSendable ? status : CloseStatus.NO_STATUS_CODE;
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
    const { maxGroupsPerSession } = this.limits;
    if (this.groups.size >= maxGroupsPerSession) {
      this.#profile.counters.limited("maxGroupsPerSession");
      throw tooManyGroups(group, maxGroupsPerSession);
    }
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
    if (expiresAt !== undefined && (principal === undefined || !isMoment(expiresAt))) {
      throw invalidArgument(
        "session.authenticate",
        expiresAt,
        "a valid Date for expiresAt, and a principal that it is for",
      );
    }
    if (this.#final !== undefined) return;
    const before = this.user;
    const name = principal?.name;
    if (this.#seat?.changeUser(name) === false) throw new CloseSessionError(TOO_MANY_OF_USER);
    this.user = name;
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
      const code = this.#final?.code;
      logger.error({ ...this.logFields(), callback, code, err: error }, "afterConnectionClosed failed");
      return;
    }
    const { status, intended, mapperError } = judgeFailure(error, this, mapError);
    const fields = { ...this.logFields(), callback, code: status.code, err: error };
    if (intended) logger.debug(fields, "a callback closes the session");
    else logger.error(fields, "a callback failed, the session closes");
    if (mapperError !== undefined) logger.error({ ...this.logFields(), err: mapperError }, "mapError failed");
    this.close(status);
  }

  finish(): void {
    if (this.isOpen) this.#inbox.finish();
  }

  callbacksFinished(): void {
    this.close(CloseStatus.GOING_AWAY);
  }

  callbacksSettled(): void {
    const { observer, release } = this.#profile;
    const instance = this.#instance;
    if (release === null || instance === undefined) observer.settled(this);
    else void release(instance).then(() => observer.settled(this));
  }

  received(chunk: Buffer): void {
    this.#supervision.received(chunk);
    this.#outbox.endRead();
  }

  receive(data: Buffer, isBinary: boolean): void {
    if (!this.#supervision.mayCome()) return;
    this.#outbox.beginRead();
    this.#supervision.messageReceived(data.length);
    // A peer may flood what is closing: that costs a number.
    if (this.#inbox.takesNothing) this.#inbox.discardOne(isBinary ? "binary" : "text");
    else this.#inbox.accept(isBinary ? new BinaryMessage(data) : new TextMessage(data));
  }

  receivePing(data: Buffer): void {
    if (!this.#supervision.mayCome() || !this.isWritable) return;
    (this.#pongs ??= new Pongs(this.native)).pinged(data);
  }

  receivePong(data: Buffer): void {
    // Those of the heartbeat would pile up behind a callback that runs for as long as its session.
    if (!this.#supervision.mayCome() || isHeartbeat(data)) return;
    this.#inbox.accept(new PongMessage(data));
  }

  pauseReading(limit: InboundLimit): void {
    this.#profile.counters.limited(limit);
    this.#supervision.paused();
    this.native.pause();
  }

  resumeReading(): void {
    this.#supervision.resumed();
    this.native.resume();
  }

  messagesDiscarded(count: number): void {
    this.#profile.counters.discarded += count;
  }

  inboxOverflowed(): void {
    this.enforce("maxPendingBytes", CloseStatus.TOO_BIG_TO_PROCESS);
  }

  frameSent(opcode: number, payloadLength: number): void {
    if (!isControl(opcode)) this.#supervision.messageSent(payloadLength);
  }

  framesDropped(count: number): void {
    this.#profile.counters.dropped += count;
  }

  bytesWait(bufferedAmount: number): void {
    const { counters } = this.#profile;
    if (bufferedAmount > counters.highestBuffered) counters.highestBuffered = bufferedAmount;
  }

  outboxOverflowed(limit: OutboundLimit): void {
    if (this.limits.overflowStrategy === "drop") {
      if (this.#outbox.dropOldest() > 0) this.#profile.counters.limited(limit);
    } else {
      this.enforce(limit, CloseStatus.SESSION_NOT_RELIABLE);
    }
  }

  sweep(now: number): void {
    // For a message that came out of no read: somebody has made the WebSocket of ws emit it.
    this.#outbox.endRead();
    // The peer sends no more. ws ends our side when all is written, which a peer that reads nothing can put off.
    if (this.#final === undefined && !this.isWritable) this.#terminateLater();
    this.#supervision.sweep(now, this.#inbox, this.#outbox);
  }

  enforce(limit: keyof ConnectionLimits, status: CloseStatus | null): void {
    if (!this.isOpen) return;
    this.#noteLimit(limit, status);
    // Who does not take what waits for it would not come to the close frame behind it.
    if (status === CloseStatus.SESSION_NOT_RELIABLE) this.#outbox.discard();
    if (status === null) this.terminate();
    else this.close(status);
  }

  giveUpCallback(): void {
    this.close(CloseStatus.SERVER_ERROR);
    this.#inbox.abandon();
  }

  logFields(): { readonly session: string; readonly path: string } {
    return { session: this.id, path: this.#profile.path };
  }

  /** ws refuses what the peer sent, and has sent the status itself. */
  protocolFailed(error: Error): void {
    const status = protocolErrorStatus(error);
    const limit = limitOf(error);
    if (limit !== undefined) this.#noteLimit(limit, status);
    if (this.#decided === undefined) {
      this.#decided = status;
      this.#inbox.fail(error);
    }
  }

  #noteLimit(limit: keyof ConnectionLimits, status: CloseStatus | null | undefined): void {
    const { counters, logger } = this.#profile;
    const { code } = status ?? CloseStatus.NO_CLOSE_FRAME;
    counters.limited(limit);
    logger.info({ ...this.logFields(), limit, code }, "a limit ends the session");
  }

  beforeWrite(): void {
    this.#outbox.flushEarly();
  }

  socketFailed(error: Error): void {
    this.#inbox.fail(error);
  }

  ended(code: number, reason: string): void {
    const byPeer = code !== CloseStatus.NO_CLOSE_FRAME.code && !this.#closeFrameSent;
    const final = byPeer ? CloseStatus.received(code, reason) : (this.#decided ?? CloseStatus.NO_CLOSE_FRAME);
    this.#final = final;
    this.#closedBy = byPeer ? "peer" : this.#decided === undefined ? "network" : "local";
    this.#supervision.ended(this.now);
    clearTimeout(this.#closeTimer);
    this.#outbox.discard();
    const { logger, observer, counters } = this.#profile;
    counters.closed(final.code);
    observer.ended(this);
    const { discarded } = this.#inbox;
    if (logger.isLevelEnabled("debug")) {
      logger.debug({ ...this.logFields(), code: final.code, by: this.#closedBy, discarded }, "session ended");
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
}

function terminate(ws: WebSocket): void {
  ws.terminate();
}

function addressOf(address: string | undefined, port: number | undefined): SocketAddress | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}
