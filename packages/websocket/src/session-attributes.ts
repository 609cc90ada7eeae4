/**
 * The attributes of your sessions and their types. Augment it, and `session.attributes` knows them:
 *
 * ```ts
 * declare module "@vernal/websocket" {
 *   interface SessionAttributes { nickname: string }
 * }
 * ```
 */
export interface SessionAttributes {}

/** The type of one attribute: what `SessionAttributes` says, `unknown` for a key that it does not name. */
export type AttributeValue<K> = K extends keyof SessionAttributes ? SessionAttributes[K] : unknown;

/** A `Map` whose values are typed by `SessionAttributes`. */
export interface AttributeMap extends Iterable<[string, unknown]> {
  readonly size: number;
  get<K extends string>(key: K): AttributeValue<K> | undefined;
  set<K extends string>(key: K, value: AttributeValue<K>): this;
  has(key: string): boolean;
  delete(key: string): boolean;
  keys(): IterableIterator<string>;
  entries(): IterableIterator<[string, unknown]>;
}
