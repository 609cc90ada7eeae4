import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type {
  BroadcastAction,
  BroadcastEnvelope,
  BroadcastRelay,
  BroadcastTarget,
} from "../../broadcast-relay";
import { CloseStatus } from "../../close-status";
import { BinaryMessage, PingMessage, PongMessage, TextMessage, type Sendable } from "../../message";
import { WebSocketBroadcaster, type Broadcast } from "../../websocket-broadcaster";
import type { WebSocketSession } from "../../websocket-session";
import { SharedFrame } from "../connection/shared-frame";
import type { ObservedConnection } from "../connection/profile";
import type { SessionIndex } from "./session-index";

const NOBODY: ReadonlySet<string> = new Set();
const MESSAGES = { text: TextMessage, binary: BinaryMessage, ping: PingMessage, pong: PongMessage };

interface Recipients extends Iterable<ObservedConnection> {
  readonly size: number;
}

/** Once to many: one frame for all recipients of this process, then one envelope for the others. */
export class FanOut extends WebSocketBroadcaster {
  readonly #index: SessionIndex;
  readonly #logger: Logger;
  readonly #node = randomUUID();
  /** Set once, when boot knows it. */
  relay: BroadcastRelay | null = null;

  constructor(index: SessionIndex, logger: Logger) {
    super();
    this.#index = index;
    this.#logger = logger;
  }

  toAll(): Broadcast {
    return new TargetedBroadcast(this, { kind: "all" }, NOBODY);
  }

  toPath(path: string): Broadcast {
    return new TargetedBroadcast(this, { kind: "path", name: path }, NOBODY);
  }

  toUser(name: string): Broadcast {
    return new TargetedBroadcast(this, { kind: "user", name }, NOBODY);
  }

  toGroup(group: string): Broadcast {
    return new TargetedBroadcast(this, { kind: "group", name: group }, NOBODY);
  }

  /** Sends to the sessions of this process; says to how many. Throws for anything that is no message. */
  send(target: BroadcastTarget, except: ReadonlySet<string>, message: Sendable): number {
    const recipients = this.#recipients(target);
    const frame = new SharedFrame(message, recipients.size);
    let count = 0;
    for (const connection of recipients) {
      if (!except.has(connection.id) && connection.deliver(frame)) count += 1;
    }
    return count;
  }

  /** Closes the sessions of this process; says how many. */
  close(target: BroadcastTarget, except: ReadonlySet<string>, status: CloseStatus): number {
    let count = 0;
    for (const connection of this.#recipients(target)) {
      if (except.has(connection.id) || !connection.isOpen) continue;
      connection.close(status);
      count += 1;
    }
    return count;
  }

  /** Hands a broadcast to the relay; its failure is not the sender's. */
  async publish(
    relay: BroadcastRelay,
    target: BroadcastTarget,
    except: ReadonlySet<string>,
    action: BroadcastAction,
  ): Promise<void> {
    try {
      await relay.publish({ version: 1, node: this.#node, target, except: [...except], action });
    } catch (error) {
      this.#logger.error({ err: error }, "BroadcastRelay.publish failed");
    }
  }

  /** Takes what another application published. It comes from outside, so nothing about it is taken for granted. */
  readonly receive = (envelope: BroadcastEnvelope): void => {
    try {
      if (envelope.version !== 1 || envelope.node === this.#node) return;
      const except = new Set(envelope.except);
      const { target, action } = envelope;
      if (action.kind === "close") {
        const status = CloseStatus.received(action.code);
        this.close(target, except, status.isSendable ? new CloseStatus(action.code, action.reason) : status);
      } else {
        this.send(target, except, new MESSAGES[action.type](action.payload));
      }
    } catch (error) {
      this.#logger.warn({ err: error }, "an envelope of the BroadcastRelay is malformed");
    }
  };

  #recipients(target: BroadcastTarget): Recipients {
    switch (target.kind) {
      case "all":
        return this.#index;
      case "path":
        return this.#index.ofPath(target.name);
      case "user":
        return this.#index.ofUser(target.name);
      case "group":
        return this.#index.ofGroup(target.name);
    }
  }
}

class TargetedBroadcast implements Broadcast {
  readonly #fanOut: FanOut;
  readonly #target: BroadcastTarget;
  readonly #except: ReadonlySet<string>;

  constructor(fanOut: FanOut, target: BroadcastTarget, except: ReadonlySet<string>) {
    this.#fanOut = fanOut;
    this.#target = target;
    this.#except = except;
  }

  except(...sessions: readonly (WebSocketSession<object> | string)[]): Broadcast {
    const ids = sessions.map((session) => (typeof session === "string" ? session : session.id));
    return new TargetedBroadcast(this.#fanOut, this.#target, new Set([...this.#except, ...ids]));
  }

  send(message: Sendable): number {
    const count = this.#fanOut.send(this.#target, this.#except, message);
    const { relay } = this.#fanOut;
    if (relay !== null) void this.#fanOut.publish(relay, this.#target, this.#except, sendAction(message));
    return count;
  }

  close(status: CloseStatus = CloseStatus.NORMAL): number {
    const count = this.#fanOut.close(this.#target, this.#except, status);
    const { relay } = this.#fanOut;
    const { code, reason } = status;
    if (relay !== null) {
      void this.#fanOut.publish(relay, this.#target, this.#except, { kind: "close", code, reason });
    }
    return count;
  }
}

function sendAction(message: Sendable): BroadcastAction {
  if (typeof message === "string")
    return { kind: "send", type: "text", payload: Buffer.from(message, "utf8") };
  // Copied: a relay may send it later, when the caller has its buffer back.
  if (message instanceof Uint8Array) return { kind: "send", type: "binary", payload: Buffer.from(message) };
  return { kind: "send", type: message.kind, payload: Buffer.from(message.asBytes()) };
}
