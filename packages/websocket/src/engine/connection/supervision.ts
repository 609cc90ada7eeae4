import type { WebSocket } from "ws";
import { CloseStatus } from "../../close-status";
import type { ConnectionLimits } from "../../options";
import type { CallbackName } from "./inbox";
import type { ConnectionProfile } from "./profile";
import { judgeCallback, judgeVitals, type PassedDeadline } from "./deadlines";
import { TokenBucket } from "./token-bucket";
import { NEVER, Vitals } from "./vitals";

const EXPIRED = new CloseStatus(1008, "Authentication expired");
const TOO_MANY_MESSAGES = new CloseStatus(1008, "Too many messages");
/** `null`: it is cut, since nobody would hear a status. */
const STATUS_AFTER_DEADLINE: Readonly<Record<PassedDeadline, CloseStatus | null>> = {
  unfinishedMessageTimeoutMs: new CloseStatus(1008, "Unfinished message"),
  firstMessageTimeoutMs: new CloseStatus(1008, "No first message"),
  idleTimeoutMs: new CloseStatus(1001, "Idle"),
  heartbeatIntervalMs: null,
  sendTimeLimitMs: CloseStatus.SESSION_NOT_RELIABLE,
};
/** Whether this side has ended a session because of what its peer did not do in time. */
export function isDeadlineStatus(status: CloseStatus): boolean {
  return Object.values(STATUS_AFTER_DEADLINE).includes(status);
}

/** What a ping of the heartbeat carries, and so the pong that answers it. */
const HEARTBEAT = Buffer.from("heartbeat");

/** Whether a pong only answers a ping of the heartbeat. */
export function isHeartbeat(pong: Buffer): boolean {
  return pong.equals(HEARTBEAT);
}

/** The callback of a connection, as its inbox knows it. */
export interface RunningCallback {
  readonly running: CallbackName;
  /** `NEVER` if none has returned a promise. */
  readonly runningSince: number;
  readonly waitingCount: number;
  /** Since when it keeps the socket paused, `NEVER` if it does not. */
  readonly pausedSince: number;
}

/** The bytes on the way out of a connection, as its outbox knows them. */
export interface OutboundBytes {
  readonly waitingForPeer: number;
  readonly writtenBytes: number;
}

/** What a supervision asks of its connection. */
export interface SupervisedOwner {
  readonly native: WebSocket;
  readonly isOpen: boolean;
  readonly expiresAt: Date | undefined;
  close(status: CloseStatus): void;
  /** A limit ends the session: with a status, or by cutting it. */
  enforce(limit: keyof ConnectionLimits, status: CloseStatus | null): void;
  /** The callback that runs will not settle. */
  giveUpCallback(): void;
  logFields(): { readonly session: string; readonly path: string };
}

/** Watches over one connection: how often its peer sends, how long everything takes. */
export class Supervision {
  readonly #owner: SupervisedOwner;
  readonly #profile: ConnectionProfile;
  readonly #vitals: Vitals;
  readonly #bucket: TokenBucket | undefined;
  /** In real time; `NEVER` while it is not. */
  #pausedAt = NEVER;
  #endedAt = NEVER;
  /** When the slow callback began that was logged. */
  #slowSince = NEVER;

  constructor(owner: SupervisedOwner, profile: ConnectionProfile) {
    const { limits, clock } = profile;
    this.#owner = owner;
    this.#profile = profile;
    this.#vitals = new Vitals(limits, clock.now);
    this.#bucket =
      limits.messageRate === false ? undefined : new TokenBucket(limits.messageRate, performance.now());
  }

  received(chunk: Buffer): void {
    this.#vitals.received(chunk);
  }

  /** `false` if it is the one too many, and the session is ended. */
  mayCome(): boolean {
    if (this.#bucket === undefined || !this.#owner.isOpen || this.#bucket.take(performance.now()))
      return true;
    this.#owner.enforce("messageRate", TOO_MANY_MESSAGES);
    return false;
  }

  messageReceived(length: number): void {
    const { counters } = this.#profile;
    counters.messagesReceived += 1;
    counters.bytesReceived += length;
    this.#vitals.messagesReceived += 1;
  }

  messageSent(length: number): void {
    const { counters } = this.#profile;
    counters.messagesSent += 1;
    counters.bytesSent += length;
    this.#vitals.messagesSent += 1;
  }

  paused(): void {
    this.#pausedAt = performance.now();
    this.#profile.counters.paused += 1;
    this.#bucket?.pause(this.#pausedAt);
  }

  resumed(): void {
    if (this.#pausedAt === NEVER) return;
    const now = performance.now();
    this.#vitals.pausedMs += now - this.#pausedAt;
    this.#pausedAt = NEVER;
    this.#profile.counters.paused -= 1;
    this.#bucket?.resume(now);
  }

  ended(now: number): void {
    this.#endedAt = now;
    this.resumed();
  }

  sweep(now: number, callback: RunningCallback, outbound: OutboundBytes): void {
    this.#superviseCallback(now, callback);
    if (this.#endedAt !== NEVER) return;
    this.#accountForPause();
    this.#vitals.look(now, outbound.waitingForPeer, outbound.writtenBytes);
    if (!this.#owner.isOpen) return;
    const { expiresAt } = this.#owner;
    if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) {
      this.#profile.logger.info(this.#owner.logFields(), "the principal has expired, the session closes");
      this.#owner.close(EXPIRED);
      return;
    }
    const { limits, clock } = this.#profile;
    const verdict = judgeVitals(this.#vitals, limits, now, clock.resolution);
    if (verdict === "ping") {
      this.#vitals.pingedAt = now;
      this.#owner.native.ping(HEARTBEAT);
    } else if (verdict !== undefined) {
      this.#owner.enforce(verdict, STATUS_AFTER_DEADLINE[verdict]);
    }
  }

  /** A pause that goes on counts up to now. */
  #accountForPause(): void {
    if (this.#pausedAt === NEVER) return;
    const now = performance.now();
    this.#vitals.pausedMs += now - this.#pausedAt;
    this.#pausedAt = now;
  }

  #superviseCallback(now: number, callback: RunningCallback): void {
    const { runningSince, running, waitingCount: waiting, pausedSince } = callback;
    const { limits, logger, counters } = this.#profile;
    const hinderingSince = this.#endedAt === NEVER ? pausedSince : this.#endedAt;
    const verdict = judgeCallback(runningSince, hinderingSince, limits, now);
    if (verdict === undefined || (verdict === "slow" && this.#slowSince === runningSince)) return;
    const fields = {
      ...this.#owner.logFields(),
      callback: running,
      runningMs: now - runningSince,
      waiting,
    };
    if (verdict === "stuck") {
      counters.limited("callbackTimeoutMs");
      logger.error(fields, "a callback does not settle, the session goes on to its end without it");
      this.#owner.giveUpCallback();
    } else {
      this.#slowSince = runningSince;
      counters.limited("slowCallbackMs");
      logger.warn(fields, "a callback is slow");
    }
  }
}
