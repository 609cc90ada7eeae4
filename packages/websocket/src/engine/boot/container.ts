import type { Logger } from "pino";
import {
  container as globalContainer,
  Lifecycle,
  type DependencyContainer,
  type InjectionToken as TsyringeToken,
} from "tsyringe";
import type { AnyClass } from "../../class-metadata";
import { startFailed, type VernalError } from "../../errors";
import { loggerTokenOf, type InjectionToken } from "../../injection";
import { constructionFailed, factoryFailed } from "../../wiring-errors";
import type { Source } from "./sources";

interface Made {
  /** How logs and reports name it. */
  readonly name: string;
  readonly value: unknown;
  /** Whether its own `start` and `dispose` are called. */
  readonly owned: boolean;
  readonly dispose: ((value: unknown) => unknown) | undefined;
}

/** The container of one application, and what it made, in the order of its making. */
export class ApplicationContainer {
  readonly #container: DependencyContainer;
  readonly #logger: Logger;
  readonly #byToken = new Map<unknown, unknown>();
  #made: Made[] = [];

  /** @param parent the global container of tsyringe unless the application brings one. */
  constructor(logger: Logger, parent: DependencyContainer = globalContainer) {
    this.#logger = logger;
    this.#container = parent.createChildContainer();
  }

  provide<T>(token: InjectionToken<T>, value: T): void {
    this.#container.register(keyOf(token), { useValue: value });
  }

  isProvided(token: unknown): boolean {
    return token !== undefined && this.#container.isRegistered(token as TsyringeToken, true);
  }

  get<T>(token: InjectionToken<T>): T {
    return this.#container.resolve(keyOf(token));
  }

  /** What was made for a token. */
  instanceOf(token: AnyClass): object | undefined {
    return this.#byToken.get(token) as object | undefined;
  }

  /** Lets a class have the logger that its constructor, its own or an inherited one, asks for. */
  provideLogger(target: AnyClass): void {
    for (let owner: unknown = target; typeof owner === "function"; owner = Object.getPrototypeOf(owner)) {
      const token = loggerTokenOf(owner as AnyClass);
      if (token !== undefined) this.provide(token, this.#logger.child({ component: target.name }));
    }
  }

  /** From now on the class has one instance, whoever asks for it first. */
  register(target: AnyClass): void {
    const token = keyOf(target as InjectionToken<object>);
    this.#container.register(token, { useClass: target as never }, { lifecycle: Lifecycle.Singleton });
  }

  /** Makes the instance of a registered class, whose dependencies were made before. */
  build(target: AnyClass): VernalError | undefined {
    try {
      const value = this.get(target);
      this.#keep(target, { name: target.name, value, owned: true, dispose: undefined });
      return undefined;
    } catch (error) {
      return constructionFailed(target.name, error);
    }
  }

  /** Makes what a provider or a bean method stands for. */
  async make(source: Source): Promise<VernalError | undefined> {
    const { token, name, owned, dispose } = source;
    try {
      const dependencies = source.needs.map((need) => this.get(need.token as InjectionToken<unknown>));
      const value = await source.make(dependencies);
      this.provide(token, value);
      this.#keep(token, { name: source.runsCode ? name : String(token), value, owned, dispose });
      return undefined;
    } catch (error) {
      return factoryFailed(name, error);
    }
  }

  /**
   * Makes an instance for one connection, in a container of its own. Throws what its constructor throws. Everything
   * else that it needs was made at boot.
   */
  makeForConnection(target: AnyClass): object {
    const token = keyOf(target as InjectionToken<object>);
    const container = this.#container.createChildContainer();
    container.register(token, { useClass: target as never }, { lifecycle: Lifecycle.Singleton });
    return container.resolve(token);
  }

  /** Disposes an instance of one connection; a failure is logged. */
  async release(instance: object): Promise<void> {
    await this.#dispose({
      name: instance.constructor.name,
      value: instance,
      owned: true,
      dispose: undefined,
    });
  }

  /**
   * Awaits every `start()` in the order of making; rejects with the first that fails.
   *
   * @param parameterOf what the `start` of a value gets.
   */
  async start(parameterOf: (value: unknown) => unknown): Promise<void> {
    for (const { name, value, owned } of this.#made) {
      const start = owned ? methodOf(value, "start") : undefined;
      try {
        await start?.call(value, parameterOf(value));
      } catch (error) {
        throw startFailed(name, error);
      }
    }
  }

  /** Awaits every `dispose()` in the reverse order. A failure is logged, and the rest goes on. */
  async dispose(): Promise<void> {
    const made = this.#made.reverse();
    this.#made = [];
    for (const each of made) await this.#dispose(each);
  }

  #keep(token: unknown, made: Made): void {
    this.#byToken.set(token, made.value);
    this.#made.push(made);
  }

  async #dispose({ name, value, owned, dispose }: Made): Promise<void> {
    try {
      if (dispose !== undefined) await dispose(value);
      else if (owned) await methodOf(value, "dispose")?.call(value);
    } catch (error) {
      this.#logger.error({ err: error, component: name }, "dispose failed");
    }
  }
}

function methodOf(
  value: unknown,
  name: string,
): ((this: unknown, ...parameters: unknown[]) => unknown) | undefined {
  const method = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof method === "function" ? (method as () => unknown) : undefined;
}

/** tsyringe takes abstract classes as tokens; its types do not know. */
function keyOf<T>(token: InjectionToken<T>): TsyringeToken<T> {
  return token as TsyringeToken<T>;
}
