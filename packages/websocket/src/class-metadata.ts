const RECORD = Symbol.for("@vernal/websocket/class-metadata");

/** Any class, abstract ones included. */
export type AnyClass = abstract new (...args: never[]) => object;

type ClassRecord = Map<string, unknown>;

const listeners = new Set<(target: AnyClass) => void>();

/** Tells of each class that is decorated, until what it returns is called. */
export function onDecorated(listener: (target: AnyClass) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * One named entry of the record that Vernal keeps on a class.
 *
 * A decorator writes it when its class is defined, boot reads it; in between nothing happens. The record is an own
 * property of the class, so a subclass does not inherit what was said of its base, and it is found by
 * `Symbol.for`, so two copies of this package agree on it. Use it for a decorator of your own: a class that
 * carries any entry is found by `scan`.
 *
 * ```ts
 * const CONTROLLER = new ClassMetadata<{ prefix: string }>("@acme/controller");
 * const Controller = (prefix: string) => (target: AnyClass) => {
 *   Component()(target);
 *   CONTROLLER.write(target, { prefix });
 * };
 * ```
 */
export class ClassMetadata<T> {
  /** @param name the entry's key, best with the name of your package in front: two entries of one name are one. */
  constructor(readonly name: string) {}

  /** Sets this entry of `target`, in place of an earlier one. */
  write(target: AnyClass, value: T): void {
    let record = recordOf(target);
    if (record === undefined) {
      record = new Map();
      Object.defineProperty(target, RECORD, { value: record });
    }
    record.set(this.name, value);
    for (const listener of listeners) listener(target);
  }

  /** This entry of `target` itself; never one of its base class. */
  read(target: AnyClass): T | undefined {
    return recordOf(target)?.get(this.name) as T | undefined;
  }

  /** Whether `value` is a class that carries a record: what `scan` takes from a module. */
  static isOn(value: unknown): value is AnyClass {
    return typeof value === "function" && Object.hasOwn(value, RECORD);
  }
}

function recordOf(target: AnyClass): ClassRecord | undefined {
  if (!Object.hasOwn(target, RECORD)) return undefined;
  return (target as unknown as { [RECORD]: ClassRecord })[RECORD];
}
