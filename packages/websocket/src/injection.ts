import { inject } from "tsyringe";
import { ClassMetadata, type AnyClass } from "./class-metadata";

export { delay, inject, injectable, injectAll } from "tsyringe";
export type { Logger } from "pino";

/** What the container finds a component or a value by: a class, also an abstract one, a string or a symbol. */
export type InjectionToken<T> = (abstract new (...args: never[]) => T) | string | symbol;

export const COMPONENT = new ClassMetadata<true>("component");
export const LOGGER_TOKEN = new ClassMetadata<symbol>("logger-token");

/**
 * Makes a class a component (Spring `@Component`): found by `scan` or named in `components`, its constructor injected
 * by type, one instance for the application, made at boot with what it depends on made first.
 *
 * A component may have `start()`, awaited before the port opens, dependencies first, and `dispose()`, awaited at
 * shutdown in the reverse order. A throw in `start` ends the start, one in `dispose` is logged.
 */
export function Component(): (target: AnyClass) => void {
  return (target) => COMPONENT.write(target, true);
}

/**
 * Injects the application's logger with the name of the class on each line: a child logger of pino, made once per
 * class.
 *
 * ```ts
 * constructor(@InjectLogger() private readonly logger: Logger) {}
 * ```
 */
export function InjectLogger(): ParameterDecorator {
  return (target, property, index) => {
    const owner = target as unknown as AnyClass;
    let token = LOGGER_TOKEN.read(owner);
    if (token === undefined) {
      token = Symbol(`the logger of ${owner.name}`);
      LOGGER_TOKEN.write(owner, token);
    }
    inject(token)(target, property, index);
  };
}
