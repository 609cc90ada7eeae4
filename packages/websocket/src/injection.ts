import { inject } from "tsyringe";
import { ClassMetadata, type AnyClass } from "./class-metadata";

export { delay, inject, injectable, injectAll } from "tsyringe";
export type { Logger } from "pino";

/** What the container finds a component or a value by: a class, also an abstract one, a string or a symbol. */
export type InjectionToken<T> = (abstract new (...args: never[]) => T) | string | symbol;

export const COMPONENT = new ClassMetadata<true>("component");

// Beside the record of the class and not in it: asking for a logger makes no component.
const LOGGER_TOKEN = Symbol.for("@vernal/websocket/logger-token");

/** What the constructor of `owner` itself asks the container for to get its logger. */
export function loggerTokenOf(owner: AnyClass): symbol | undefined {
  if (!Object.hasOwn(owner, LOGGER_TOKEN)) return undefined;
  return (owner as unknown as { [LOGGER_TOKEN]: symbol })[LOGGER_TOKEN];
}

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
    let token = loggerTokenOf(owner);
    if (token === undefined) {
      token = Symbol(`the logger of ${owner.name}`);
      Object.defineProperty(owner, LOGGER_TOKEN, { value: token });
    }
    inject(token)(target, property, index);
  };
}
