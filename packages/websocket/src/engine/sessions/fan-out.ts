import { CloseStatus } from "../../close-status";
import type { Sendable } from "../../message";
import { WebSocketBroadcaster, type Broadcast } from "../../websocket-broadcaster";
import type { WebSocketSession } from "../../websocket-session";
import { encodeFrame } from "../connection/frame";
import type { ObservedConnection } from "../connection/profile";
import type { SessionIndex } from "./session-index";

/** Whom a broadcast is for, as data. */
type BroadcastTarget =
  { readonly kind: "all" } | { readonly kind: "path" | "user" | "group"; readonly name: string };

/** Once to many: one frame for all recipients of this process. */
export class FanOut extends WebSocketBroadcaster {
  readonly #index: SessionIndex;

  constructor(index: SessionIndex) {
    super();
    this.#index = index;
  }

  toAll(): Broadcast {
    return new LocalBroadcast(this.#index, { kind: "all" }, NOBODY);
  }

  toPath(path: string): Broadcast {
    return new LocalBroadcast(this.#index, { kind: "path", name: path }, NOBODY);
  }

  toUser(name: string): Broadcast {
    return new LocalBroadcast(this.#index, { kind: "user", name }, NOBODY);
  }

  toGroup(group: string): Broadcast {
    return new LocalBroadcast(this.#index, { kind: "group", name: group }, NOBODY);
  }
}

const NOBODY: ReadonlySet<string> = new Set();

class LocalBroadcast implements Broadcast {
  readonly #index: SessionIndex;
  readonly #target: BroadcastTarget;
  readonly #exceptedIds: ReadonlySet<string>;

  constructor(index: SessionIndex, target: BroadcastTarget, exceptedIds: ReadonlySet<string>) {
    this.#index = index;
    this.#target = target;
    this.#exceptedIds = exceptedIds;
  }

  except(...sessions: readonly (WebSocketSession<object> | string)[]): Broadcast {
    const ids = sessions.map((session) => (typeof session === "string" ? session : session.id));
    return new LocalBroadcast(this.#index, this.#target, new Set([...this.#exceptedIds, ...ids]));
  }

  send(message: Sendable): number {
    const frame = encodeFrame(message);
    let count = 0;
    for (const connection of this.#recipients()) {
      if (!this.#exceptedIds.has(connection.id) && connection.deliver(frame)) count += 1;
    }
    return count;
  }

  close(status: CloseStatus = CloseStatus.NORMAL): number {
    let count = 0;
    for (const connection of this.#recipients()) {
      if (this.#exceptedIds.has(connection.id) || !connection.isOpen) continue;
      connection.close(status);
      count += 1;
    }
    return count;
  }

  #recipients(): Iterable<ObservedConnection> {
    switch (this.#target.kind) {
      case "all":
        return this.#index;
      case "path":
        return this.#index.ofPath(this.#target.name);
      case "user":
        return this.#index.ofUser(this.#target.name);
      case "group":
        return this.#index.ofGroup(this.#target.name);
    }
  }
}
