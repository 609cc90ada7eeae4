import type * as tsyringe from "tsyringe";
import { ClassMetadata, type AnyClass } from "./class-metadata";
import { invalidArgument } from "./errors";

export type { Logger } from "pino";

// Loaded at first use: an application whose classes ask for nothing needs no container.
function loadTsyringe(): typeof tsyringe {
  return require("tsyringe") as typeof tsyringe;
}

/** `delay` of tsyringe: names a class that is not defined yet, where two depend on each other. */
export const delay: typeof tsyringe.delay = (...parameters) => loadTsyringe().delay(...parameters);

/** `@inject` of tsyringe: what a parameter of a constructor gets, where its type does not say. */
export const inject: typeof tsyringe.inject = (...parameters) => loadTsyringe().inject(...parameters);

const SEPARATE = Symbol.for("@vernal/websocket/separate-instances");

/** `@injectable` of tsyringe: lets a class that is no component be injected, a new instance each time. */
export const injectable: typeof tsyringe.injectable = (...parameters) => {
  const decorate = loadTsyringe().injectable(...parameters);
  return (target) => {
    Object.defineProperty(target, SEPARATE, { value: true });
    decorate(target);
  };
};

/** Whether somebody has said that a class has a new instance each time. */
export function isMeantToBeSeparate(target: AnyClass): boolean {
  return Object.hasOwn(target, SEPARATE);
}

/** Lets tsyringe make a class of which nobody has said so. */
export function makeInjectable(target: AnyClass): void {
  loadTsyringe().injectable()(target as never);
}

/** `@injectAll` of tsyringe: all that is registered for a token. */
export const injectAll: typeof tsyringe.injectAll = (...parameters) =>
  loadTsyringe().injectAll(...parameters);

/** What the container finds a component or a value by: a class, also an abstract one, a string or a symbol. */
export type InjectionToken<T> = (abstract new (...args: never[]) => T) | string | symbol;

interface Provided<T> {
  readonly token: InjectionToken<T>;
  /**
   * Awaited at shutdown, in the reverse order of making. Default: the value's own `dispose()` if Vernal made it by
   * `useClass` or `useFactory`, and nothing for `useValue`.
   */
  dispose?(value: T): void | Promise<void>;
}

/** A value that is there already. */
export interface ValueProvider<T = unknown> extends Provided<T> {
  readonly useValue: T;
}

/** An instance of a class; of a component its one instance, under another token. */
export interface ClassProvider<T = unknown> extends Provided<T> {
  readonly useClass: new (...args: never[]) => T;
}

/** What a function makes, once; a promise is awaited before anything that depends on it is made. */
export interface FactoryProvider<T = unknown> extends Provided<T> {
  readonly useFactory: (...dependencies: never[]) => T | Promise<T>;
  /** What the function gets, in this order. Default: nothing. */
  readonly inject?: readonly InjectionToken<unknown>[];
}

/** Says what stands behind a token: for values, for interfaces, for classes of others. */
export type Provider = ValueProvider | ClassProvider | FactoryProvider;

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

export const IMPORTS = new ClassMetadata<readonly AnyClass[]>("imports");

/**
 * Brings other decorated classes into the application wherever this one is in it, as if `components` named them (Spring
 * `@Import`).
 */
export function Import(...classes: AnyClass[]): (target: AnyClass) => void {
  return (target) => IMPORTS.write(target, [...(IMPORTS.read(target) ?? []), ...classes]);
}

/** A method of a `@Configuration()` class that makes something. */
export interface BeanMethod {
  readonly method: string | symbol;
  /** `undefined`: the class that the method returns. */
  readonly token: InjectionToken<unknown> | undefined;
  /** `undefined`: the classes of the parameters. */
  readonly inject: readonly InjectionToken<unknown>[] | undefined;
}

export const BEANS = new ClassMetadata<readonly BeanMethod[]>("beans");

/**
 * Provides what a method of a `@Configuration()` class returns, called once at boot (Spring `@Bean`). A promise is
 * awaited before anything that depends on it is made. `start()` and `dispose()` of the result are called as those of a
 * component.
 *
 * @param token needed where the method is asynchronous or returns an interface. Default: the class that it returns.
 * @param inject what the parameters get. Default: by the classes of the parameters.
 */
export function Bean(
  token?: InjectionToken<unknown>,
  inject?: readonly InjectionToken<unknown>[],
): (prototype: object, method: string | symbol) => void {
  return (prototype, method) => {
    if (typeof prototype === "function") {
      throw invalidArgument("@Bean", `static ${String(method)}`, "a method of instances");
    }
    const owner = prototype.constructor as AnyClass;
    BEANS.write(owner, [...(BEANS.read(owner) ?? []), { method, token, inject }]);
  };
}

/** The decorated classes that the application consists of, as `scan`, `components` and `@Import` named them. Inject it. */
export class DiscoveredComponents implements Iterable<AnyClass> {
  readonly #classes: readonly AnyClass[];
  readonly #resolve: (target: AnyClass) => object;

  /** @internal Made at boot. */
  constructor(classes: readonly AnyClass[], resolve: (target: AnyClass) => object) {
    this.#classes = classes;
    this.#resolve = resolve;
  }

  /**
   * The one instance of a component among them. Every component has been made when configurers are asked and when
   * `start()` is called; in a constructor ask for what you need by its parameters.
   */
  instanceOf<T extends object>(target: abstract new (...args: never[]) => T): T {
    return this.#resolve(target) as T;
  }

  [Symbol.iterator](): IterableIterator<AnyClass> {
    return this.#classes.values();
  }
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
