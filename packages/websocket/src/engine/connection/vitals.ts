import type { ConnectionLimits } from "../../options";
import { followFrames, type UnfinishedMessage } from "./frame-boundaries";

/** No time at all. */
export const NEVER = -1;

/** What is known of the life of a peer: counted as it happens, put into times by one look after the other. */
export class Vitals {
  bytesReceived = 0;
  /** Text and binary. */
  messagesReceived = 0;
  messagesSent = 0;
  /** For how long the socket has been paused since the last look. */
  pausedMs = 0;

  /** Nothing has come in since, and no write that had to wait was finished. */
  quietSince: number;
  /** When a ping went out that nothing has answered. */
  pingedAt = NEVER;
  /** Something has waited since, and no write was finished. */
  stalledSince: number;
  /** The same message has been unfinished since. */
  unfinishedSince: number;
  /** No message of either side since. */
  idleSince: number;
  /** No first message since. */
  silentSince: number;

  readonly #followsFrames: boolean;
  #unfinished: UnfinishedMessage | undefined;
  #lookedAt: number;
  #bytesReceived = 0;
  #messages = 0;
  #waiting = 0;
  #taken = 0;
  #unfinishedAtLook: UnfinishedMessage | undefined;

  constructor(limits: ConnectionLimits, now: number) {
    this.#followsFrames = limits.unfinishedMessageTimeoutMs !== false;
    this.quietSince = now;
    this.stalledSince = now;
    this.unfinishedSince = now;
    this.idleSince = now;
    this.silentSince = now;
    this.#lookedAt = now;
  }

  /** Something came in. */
  received(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    if (this.#followsFrames) this.#unfinished = followFrames(this.#unfinished, chunk);
  }

  /**
   * @param waiting bytes that were sent and wait.
   * @param taken bytes that the operating system has taken so far.
   */
  look(now: number, waiting: number, taken: number): void {
    const lookedAt = this.#lookedAt;
    // A write that finds room at once proves nothing: the system takes it for a peer that is gone.
    const hasMoved = this.#waiting > 0 && taken !== this.#taken;
    const wasHeard = this.bytesReceived !== this.#bytesReceived;
    if (wasHeard || hasMoved) {
      // It was after the last look; the earlier end, so that a dead peer is noticed in time.
      this.quietSince = lookedAt;
      this.pingedAt = NEVER;
    }
    if (waiting === 0 || this.#waiting === 0 || hasMoved) this.stalledSince = now;

    const unfinished = this.#unfinished;
    const before = this.#unfinishedAtLook;
    const messages = this.messagesReceived + this.messagesSent;
    // The first look at it counts from the one before, unless others came in between.
    const isNew = before !== unfinished && (before !== undefined || messages !== this.#messages);
    if (unfinished === undefined || isNew) this.unfinishedSince = now;
    if (messages !== this.#messages) this.idleSince = now;

    if (this.pausedMs > 0) this.#standStill(now, Math.min(this.pausedMs, now - lookedAt));
    this.pausedMs = 0;
    this.#lookedAt = now;
    this.#bytesReceived = this.bytesReceived;
    this.#messages = messages;
    this.#waiting = waiting;
    this.#taken = taken;
    this.#unfinishedAtLook = unfinished;
  }

  /**
   * A peer that is not read cannot be heard. Only for as long as that: who makes us pause for a moment again and again
   * must not stop its clocks. For the heartbeat any pause will do: who causes one is alive.
   */
  #standStill(now: number, pausedMs: number): void {
    this.quietSince = now;
    this.pingedAt = NEVER;
    this.unfinishedSince = Math.min(now, this.unfinishedSince + pausedMs);
    this.idleSince = Math.min(now, this.idleSince + pausedMs);
    this.silentSince = Math.min(now, this.silentSince + pausedMs);
  }
}
