import type { ConnectionOptions } from "../options";
import type { ApplicationStats } from "../stats";

/** What an application counts. Plain numbers, because those who count do it for each message. */
export class Counters {
  opened = 0;
  paused = 0;
  messagesReceived = 0;
  bytesReceived = 0;
  messagesSent = 0;
  bytesSent = 0;
  discarded = 0;
  dropped = 0;
  highestBuffered = 0;
  readonly #refusals = new Map<number, number>();
  readonly #closes = new Map<number, number>();
  readonly #limits = new Map<string, number>();

  refused(status: number): void {
    increment(this.#refusals, status);
  }

  closed(code: number): void {
    increment(this.#closes, code);
  }

  /** A limit has taken effect. */
  limited(name: keyof ConnectionOptions): void {
    increment(this.#limits, name);
  }

  /** @param openByPath every path, with the number of its open sessions. */
  toStats(openByPath: Readonly<Record<string, number>>): ApplicationStats {
    return {
      openSessions: Object.values(openByPath).reduce((sum, each) => sum + each, 0),
      openSessionsByPath: openByPath,
      pausedSessions: this.paused,
      openedSessions: this.opened,
      received: { messages: this.messagesReceived, bytes: this.bytesReceived },
      sent: { messages: this.messagesSent, bytes: this.bytesSent },
      discardedMessages: this.discarded,
      droppedMessages: this.dropped,
      refusalsByStatus: Object.fromEntries(this.#refusals),
      closesByCode: Object.fromEntries(this.#closes),
      limits: Object.fromEntries(this.#limits),
      highestBufferedBytes: this.highestBuffered,
    };
  }
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
