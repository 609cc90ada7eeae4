import { WebSocketSessions } from "../../websocket-sessions";
import type { ConnectionObserver, ObservedConnection } from "../connection/profile";

type Sets = Map<string, Set<ObservedConnection>>;

const NONE: ReadonlySet<ObservedConnection> = new Set();

/** Finds the open connections of an application. An index, never the truth: each connection owns its own state. */
export class SessionIndex extends WebSocketSessions implements ConnectionObserver {
  readonly #byId = new Map<string, ObservedConnection>();
  readonly #byPath: Sets = new Map();
  readonly #byUser: Sets = new Map();
  readonly #byGroup: Sets = new Map();
  /** Ended, with callbacks still to come. */
  readonly #ending = new Set<ObservedConnection>();
  #onAllSettled: (() => void) | undefined;

  add(connection: ObservedConnection): void {
    this.#byId.set(connection.id, connection);
    addTo(this.#byPath, connection.path, connection);
    if (connection.user !== undefined) addTo(this.#byUser, connection.user, connection);
  }

  /** Open, or ended with callbacks still to come. */
  readonly unsettled: Iterable<ObservedConnection> = { [Symbol.iterator]: () => this.#eachUnsettled() };

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): ObservedConnection | undefined {
    return this.#byId.get(id);
  }

  ofPath(path: string): ReadonlySet<ObservedConnection> {
    return this.#byPath.get(path) ?? NONE;
  }

  ofUser(name: string): ReadonlySet<ObservedConnection> {
    return this.#byUser.get(name) ?? NONE;
  }

  ofGroup(group: string): ReadonlySet<ObservedConnection> {
    return this.#byGroup.get(group) ?? NONE;
  }

  [Symbol.iterator](): IterableIterator<ObservedConnection> {
    return this.#byId.values();
  }

  joined(connection: ObservedConnection, group: string): void {
    addTo(this.#byGroup, group, connection);
  }

  left(connection: ObservedConnection, group: string): void {
    removeFrom(this.#byGroup, group, connection);
  }

  userChanged(connection: ObservedConnection, before: string | undefined): void {
    if (before !== undefined) removeFrom(this.#byUser, before, connection);
    if (connection.user !== undefined) addTo(this.#byUser, connection.user, connection);
  }

  ended(connection: ObservedConnection): void {
    this.#byId.delete(connection.id);
    this.#ending.add(connection);
    removeFrom(this.#byPath, connection.path, connection);
    if (connection.user !== undefined) removeFrom(this.#byUser, connection.user, connection);
    for (const group of connection.groups) removeFrom(this.#byGroup, group, connection);
  }

  settled(connection: ObservedConnection): void {
    this.#ending.delete(connection);
    if (this.#hasSettled) this.#onAllSettled?.();
  }

  /** Settles when the last callback of every session has. */
  allSettled(): Promise<void> {
    if (this.#hasSettled) return Promise.resolve();
    return new Promise((resolve) => (this.#onAllSettled = resolve));
  }

  /** How many entries of any kind are left; 0 when every session has ended. */
  get entries(): number {
    const { size: groups } = this.#byGroup;
    return this.#byId.size + this.#byPath.size + this.#byUser.size + groups + this.#ending.size;
  }

  get #hasSettled(): boolean {
    return this.#byId.size === 0 && this.#ending.size === 0;
  }

  *#eachUnsettled(): IterableIterator<ObservedConnection> {
    yield* this.#byId.values();
    yield* this.#ending;
  }
}

function addTo(sets: Sets, key: string, connection: ObservedConnection): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([connection]));
  else set.add(connection);
}

function removeFrom(sets: Sets, key: string, connection: ObservedConnection): void {
  const set = sets.get(key);
  if (set === undefined || !set.delete(connection)) return;
  if (set.size === 0) sets.delete(key);
}
