import type { Logger } from "pino";
import {
  container as globalContainer,
  Lifecycle,
  type DependencyContainer,
  type InjectionToken as TsyringeToken,
} from "tsyringe";
import type { AnyClass } from "../../class-metadata";
import { constructionFailed, startFailed, type VernalError } from "../../errors";
import { loggerTokenOf, type InjectionToken } from "../../injection";

interface Startable {
  start?: unknown;
  dispose?: unknown;
}

/** The container of one application, and the instances it made, in the order of their making. */
export class ApplicationContainer {
  readonly #container: DependencyContainer = globalContainer.createChildContainer();
  readonly #logger: Logger;
  readonly #instances = new Map<AnyClass, object>();

  constructor(logger: Logger) {
    this.#logger = logger;
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

  instanceOf(target: AnyClass): object | undefined {
    return this.#instances.get(target);
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
      this.#instances.set(target, this.#container.resolve(keyOf(target as InjectionToken<object>)));
      return undefined;
    } catch (error) {
      return constructionFailed(target.name, error);
    }
  }

  /** Awaits every `start()` in the order of making; rejects with the first that fails. */
  async start(): Promise<void> {
    for (const [target, instance] of this.#instances) {
      const { start } = instance as Startable;
      if (typeof start !== "function") continue;
      try {
        await start.call(instance);
      } catch (error) {
        throw startFailed(target.name, error);
      }
    }
  }

  /** Awaits every `dispose()` in the reverse order. A failure is logged, and the rest goes on. */
  async dispose(): Promise<void> {
    const made = [...this.#instances].reverse();
    this.#instances.clear();
    for (const [target, instance] of made) {
      const { dispose } = instance as Startable;
      if (typeof dispose !== "function") continue;
      try {
        await dispose.call(instance);
      } catch (error) {
        this.#logger.error({ err: error, component: target.name }, "dispose failed");
      }
    }
  }
}

/** tsyringe takes abstract classes as tokens; its types do not know. */
function keyOf<T>(token: InjectionToken<T>): TsyringeToken<T> {
  return token as TsyringeToken<T>;
}
