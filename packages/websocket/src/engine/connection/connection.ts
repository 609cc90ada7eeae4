import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { CloseStatus } from "../../close-status";
import { invalidArgument, tooManyGroups } from "../../errors";
import { HandshakeHeaders, isMoment, isPrincipal, type Principal } from "../../handshake";
import { BinaryMessage, PongMessage, TextMessage, type Sendable } from "../../message";
import type { ConnectionLimits } from "../../options";
import type { WebSocketHandler } from "../../websocket-handler";
import type { AttributeMap } from "../../session-attributes";
import type { ClosedBy, SocketAddress } from "../../websocket-session";
import { judgeCallback, judgeVitals, type PassedDeadline } from "./deadlines";
import { judgeFailure, limitOf, protocolErrorStatus } from "./failure";
import { encodeFrame, type Frame } from "./frame";
import { Inbox, type CallbackName, type InboxOwner } from "./inbox";
import { listen, type SocketListener } from "./listeners";
import { NOT_SENT, Outbox, type OutboundLimit, type OutboxOwner } from "./outbox";
import { Pongs } from "./pongs";
import type { ConnectionProfile, ObservedConnection } from "./profile";
import { TokenBucket } from "./token-bucket";
import { NEVER, Vitals } from "./vitals";
import { SocketWire, WebSocketWire } from "./wire";

/** `readyState` of an open WebSocket; the constants of ws are values, and this file imports none. */
const OPEN = 1;
const EXPIRED = new CloseStatus(1008, "Authentication expired");
const TOO_MANY_MESSAGES = new CloseStatus(1008, "Too many messages");
/** `null`: it is cut. */
const STATUS_AFTER_DEADLINE: Readonly<Record<PassedDeadline, CloseStatus | null>> = {
  unfinishedMessageTimeoutMs: new CloseStatus(1008, "Unfinished message"),
  firstMessageTimeoutMs: new CloseStatus(1008, "No first message"),
  idleTimeoutMs: new CloseStatus(1001, "Idle"),
  heartbeatIntervalMs: null,
  sendTimeLimitMs: CloseStatus.SESSION_NOT_RELIABLE,
};
/** What a ping of the heartbeat carries, and so the pong that answers it. */
const HEARTBEAT = Buffer.from("heartbeat");
const NO_GROUPS: ReadonlySet<string> = new Set();

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

/** One open WebSocket, of either side: its identity, its life, its listeners. */
export class Connection implements ObservedConnection, SocketListener, InboxOwner, OutboxOwner {
  readonly id: string = randomUUID();
  readonly native: WebSocket;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly remoteAddress: SocketAddress | undefined;
  readonly #profile: ConnectionProfile;
  readonly #socket: Duplex;
  readonly #opening: Opening;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #vitals: Vitals;
  readonly #bucket: TokenBucket | undefined;
  #pongs: Pongs | undefined;
  #isPaused = false;
  /** When the slow callback began that was logged. */
  #slowSince = NEVER;
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
  #endedAt = NEVER;

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
    const isPlain = profile.side === "server" && ws.extensions === "";
    this.#outbox = new Outbox(this, socket, isPlain ? new SocketWire(socket) : new WebSocketWire(ws, socket));
    this.#vitals = new Vitals(profile.limits, profile.clock.now);
    const { messageRate } = profile.limits;
    this.#bucket = messageRate === false ? undefined : new TokenBucket(messageRate, performance.now());
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

  finish(): void {
    if (this.isOpen) this.#inbox.finish();
  }

  callbacksFinished(): void {
    this.close(CloseStatus.GOING_AWAY);
  }

  callbacksSettled(): void {
    const { observer, release, counters } = this.#profile;
    counters.discarded += this.#inbox.discarded;
    if (release === null) observer.settled(this);
    else void release(this.#opening.handler).then(() => observer.settled(this));
  }

  received(chunk: Buffer): void {
    this.#vitals.received(chunk);
  }

  receive(data: Buffer, isBinary: boolean): void {
    if (!this.#isWithinRate()) return;
    const { counters } = this.#profile;
    counters.messagesReceived += 1;
    counters.bytesReceived += data.length;
    this.#vitals.messagesReceived += 1;
    this.#inbox.accept(isBinary ? new BinaryMessage(data) : new TextMessage(data));
  }

  receivePing(data: Buffer): void {
    if (this.#isWithinRate() && this.isWritable) (this.#pongs ??= new Pongs(this.native)).pinged(data);
  }

  receivePong(data: Buffer): void {
    // They would pile up behind a callback that runs for as long as its session.
    if (this.#isWithinRate() && !data.equals(HEARTBEAT)) this.#inbox.accept(new PongMessage(data));
  }

  pauseReading(): void {
    this.#isPaused = true;
    this.#vitals.wasPaused = true;
    this.#profile.counters.paused += 1;
    this.#bucket?.pause(performance.now());
    this.native.pause();
  }

  resumeReading(): void {
    this.#forgetPause();
    this.#bucket?.resume(performance.now());
    this.native.resume();
  }

  inboxOverflowed(): void {
    this.#enforce("maxPendingBytes", CloseStatus.TOO_BIG_TO_PROCESS);
  }

  frameSent(payloadLength: number): void {
    const { counters } = this.#profile;
    counters.messagesSent += 1;
    counters.bytesSent += payloadLength;
    this.#vitals.messagesSent += 1;
  }

  framesDropped(count: number): void {
    this.#profile.counters.dropped += count;
  }

  framesKeptBack(bufferedAmount: number): void {
    const { counters } = this.#profile;
    if (bufferedAmount > counters.highestBuffered) counters.highestBuffered = bufferedAmount;
  }

  outboxOverflowed(limit: OutboundLimit): void {
    if (this.limits.overflowStrategy === "drop") {
      this.#profile.counters.limited(limit);
      this.#outbox.dropOldest();
    } else {
      this.#enforce(limit, CloseStatus.SESSION_NOT_RELIABLE);
    }
  }

  sweep(now: number): void {
    this.#superviseCallback(now);
    if (this.#final !== undefined) return;
    this.#vitals.look(now, this.#isPaused, this.#outbox.bufferedAmount, this.#outbox.writtenBytes);
    if (!this.isOpen) return;
    if (this.#expiresAt !== undefined && this.#expiresAt.getTime() <= Date.now()) {
      this.#profile.logger.info(this.#logFields(), "the principal has expired, the session closes");
      this.close(EXPIRED);
      return;
    }
    const { limits, clock } = this.#profile;
    const verdict = judgeVitals(this.#vitals, limits, now, clock.resolution);
    if (verdict === "ping") {
      this.#vitals.pingedAt = now;
      this.native.ping(HEARTBEAT);
    } else if (verdict !== undefined) {
      this.#enforce(verdict, STATUS_AFTER_DEADLINE[verdict]);
    }
  }

  /** ws refuses what the peer sent, and has sent the status itself. */
  protocolFailed(error: Error): void {
    const status = protocolErrorStatus(error);
    const limit = limitOf(error);
    if (limit !== undefined) this.#profile.counters.limited(limit);
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
    this.#endedAt = this.now;
    clearTimeout(this.#closeTimer);
    this.#outbox.discard();
    if (this.#isPaused) this.#forgetPause();
    const { logger, observer, counters } = this.#profile;
    counters.closed(final.code);
    observer.ended(this);
    const { discarded } = this.#inbox;
    if (logger.isLevelEnabled("debug")) {
      logger.debug(
        { ...this.#logFields(), code: final.code, by: this.#closedBy, discarded },
        "session ended",
      );
    }
    this.#aborting?.abort();
    this.#closed?.resolve(final);
    this.#inbox.end(final);
  }

  #isWithinRate(): boolean {
    if (this.#bucket === undefined || !this.isOpen || this.#bucket.take(performance.now())) return true;
    this.#enforce("messageRate", TOO_MANY_MESSAGES);
    return false;
  }

  #forgetPause(): void {
    this.#isPaused = false;
    this.#profile.counters.paused -= 1;
  }

  /** A limit ends the session: without a status by cutting it, since nobody would hear one. */
  #enforce(limit: keyof ConnectionLimits, status: CloseStatus | null): void {
    if (!this.isOpen) return;
    const { counters, logger } = this.#profile;
    counters.limited(limit);
    const fields = { ...this.#logFields(), limit, code: (status ?? CloseStatus.NO_CLOSE_FRAME).code };
    logger.info(fields, "a limit ends the session");
    // Who does not take what waits for it would not come to the close frame behind it.
    if (status === CloseStatus.SESSION_NOT_RELIABLE) this.#outbox.discard();
    if (status === null) this.terminate();
    else this.close(status);
  }

  #superviseCallback(now: number): void {
    const { runningSince, running: callback, waitingCount: waiting, pausedSince } = this.#inbox;
    const { limits, logger, counters } = this.#profile;
    const hinderingSince = this.#endedAt === NEVER ? pausedSince : this.#endedAt;
    const verdict = judgeCallback(runningSince, hinderingSince, limits, now);
    if (verdict === undefined) return;
    const fields = { ...this.#logFields(), callback, runningMs: now - runningSince, waiting };
    if (verdict === "stuck") {
      counters.limited("callbackTimeoutMs");
      logger.error(fields, "a callback does not settle, the session goes on to its end without it");
      this.close(CloseStatus.SERVER_ERROR);
      this.#inbox.abandon();
    } else if (this.#slowSince !== runningSince) {
      this.#slowSince = runningSince;
      counters.limited("slowCallbackMs");
      logger.warn(fields, "a callback is slow");
    }
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

function terminate(ws: WebSocket): void {
  ws.terminate();
}

function addressOf(address: string | undefined, port: number | undefined): SocketAddress | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}
