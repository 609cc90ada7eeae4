import type { Logger } from "pino";
import type * as tsyringe from "tsyringe";
import type { DependencyContainer, InjectionToken as TsyringeToken } from "tsyringe";
import type { AnyClass } from "../../class-metadata";
import { startFailed, type VernalError } from "../../errors";
import { loggerTokenOf, type InjectionToken } from "../../injection";
import { constructionFailed, factoryFailed } from "../../wiring-errors";
import { constructorOwner } from "./injection-check";
import type { Source } from "./sources";
import { describeToken } from "./token";

/** How long one `dispose` may hold up those after it. */
const DISPOSE_LIMIT_MS = 10_000;

interface Made {
  /** How logs and reports name it. */
  readonly name: string;
  readonly value: unknown;
  /** Whether its own `start` and `dispose` are called. */
  readonly owned: boolean;
  readonly dispose: ((value: unknown) => unknown) | undefined;
}

/** What boot waits for, for whoever watches it. */
export interface BootProgress {
  waitingFor: string | undefined;
}

/** A value that is started with something to work with. */
export interface SpecialStart {
  readonly value: unknown;
  readonly parameter: unknown;
  readonly started: () => void;
}

/**
 * The container of one application, and what it made, in the order of its making. Tsyringe comes into it with the first
 * class that something is injected into.
 */
export class ApplicationContainer {
  readonly #parent: DependencyContainer | undefined;
  #child: DependencyContainer | undefined;
  /** What stands behind tokens, as the container knows it too once there is one. */
  readonly #provided = new Map<TsyringeToken, unknown>();
  /** Classes that need no container; it has to know them all the same, for whoever asks it before they are made. */
  readonly #madeByThemselves = new Set<new () => object>();
  readonly #logger: Logger;
  readonly #progress: BootProgress;
  readonly #byToken = new Map<unknown, unknown>();
  /** What has been made or was given: an alias of it is neither started nor disposed a second time. */
  readonly #known = new Set<unknown>();
  #made: Made[] = [];

  /** @param parent the global container of tsyringe unless the application brings one. */
  constructor(logger: Logger, progress: BootProgress, parent?: DependencyContainer) {
    this.#logger = logger;
    this.#progress = progress;
    this.#parent = parent;
  }

  provide<T>(token: InjectionToken<T>, value: T): void {
    const key = keyOf(token);
    this.#provided.set(key, value);
    if (this.#child !== undefined) provideIn(this.#child, key, value);
  }

  isProvided(token: unknown): boolean {
    if (this.#provided.has(token as TsyringeToken)) return true;
    return token !== undefined && this.#container.isRegistered(token as TsyringeToken, true);
  }

  get<T>(token: InjectionToken<T>): T {
    const key = keyOf(token);
    if (this.#provided.has(key)) return this.#provided.get(key) as T;
    return this.#container.resolve(key);
  }

  /** Whether something was made for a token. */
  has(token: unknown): boolean {
    return this.#byToken.has(token);
  }

  /** What was made for a token. */
  instanceOf(token: AnyClass): object | undefined {
    return this.#byToken.get(token) as object | undefined;
  }

  /** Lets a class have the logger that its constructor, its own or an inherited one, asks for. */
  provideLogger(target: AnyClass, container?: DependencyContainer): void {
    for (let owner: unknown = target; typeof owner === "function"; owner = Object.getPrototypeOf(owner)) {
      const token = loggerTokenOf(owner as AnyClass);
      if (token === undefined) continue;
      const useValue = this.#logger.child({ component: target.name });
      (container ?? this.#container).register(token, { useValue });
    }
  }

  /** From now on the class has one instance, whoever asks for it first. */
  register(target: AnyClass): void {
    if (isMadeByItself(target)) {
      this.#madeByThemselves.add(target);
      if (this.#child !== undefined) this.#offer(this.#child, target);
    } else {
      registerIn(this.#container, target);
    }
  }

  /** Makes the instance of a registered class, whose dependencies were made before. */
  build(target: AnyClass): VernalError | undefined {
    try {
      const value = isMadeByItself(target) ? this.#makeByItself(target) : this.get(target);
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
      this.#progress.waitingFor = name;
      const made = source.make(dependencies);
      const value = source.runsCode ? await made : made;
      this.provide(token, value);
      this.#keep(token, {
        name: describeToken(token),
        value,
        owned: owned && !this.#known.has(value),
        dispose,
      });
      return undefined;
    } catch (error) {
      return factoryFailed(name, error);
    } finally {
      this.#progress.waitingFor = undefined;
    }
  }

  /**
   * What makes the instances for one connection each, in a container of its own. It throws what the constructor throws.
   * Everything else that it needs is made at boot.
   */
  makerForConnections(target: AnyClass): () => object {
    if (isMadeByItself(target)) return () => new target();
    return () => {
      const container = this.#container.createChildContainer();
      registerIn(container, target);
      this.provideLogger(target, container);
      return container.resolve(keyOf(target as InjectionToken<object>));
    };
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
   * @param special a value whose `start` is called whoever made it, with a parameter, and what is to be told then.
   */
  async start(special: SpecialStart | undefined): Promise<void> {
    let waitsForSpecial = special !== undefined;
    for (const { name, value, owned } of this.#made) {
      const isSpecial = special !== undefined && value === special.value;
      // Once, under whatever names it is known.
      if (isSpecial ? !waitsForSpecial : !owned) continue;
      if (isSpecial) waitsForSpecial = false;
      this.#progress.waitingFor = `${name}.start()`;
      try {
        await methodOf(value, "start")?.call(value, isSpecial ? special.parameter : undefined);
      } catch (error) {
        throw startFailed(name, error);
      }
      if (isSpecial) special.started();
    }
    this.#progress.waitingFor = undefined;
  }

  /** Awaits every `dispose()` in the reverse order. A failure is logged, and the rest goes on. */
  async dispose(): Promise<void> {
    const made = this.#made.reverse();
    this.#made = [];
    for (const each of made) await this.#dispose(each);
  }

  get #container(): DependencyContainer {
    if (this.#child === undefined) {
      const parent = this.#parent ?? loadTsyringe().container;
      this.#child = parent.createChildContainer();
      for (const target of this.#madeByThemselves) this.#offer(this.#child, target);
      for (const [token, value] of this.#provided) {
        if (!this.#madeByThemselves.has(token as new () => object)) provideIn(this.#child, token, value);
      }
    }
    return this.#child;
  }

  #offer(container: DependencyContainer, target: new () => object): void {
    container.register(keyOf(target), { useFactory: () => this.#makeByItself(target) });
  }

  /**
   * Once: the container may have asked for it before its turn. There it is offered, and not provided too: `injectAll`
   * would find it twice.
   */
  #makeByItself(target: new () => object): object {
    const key = keyOf(target);
    if (!this.#provided.has(key)) this.#provided.set(key, new target());
    return this.#provided.get(key) as object;
  }

  #keep(token: unknown, made: Made): void {
    this.#known.add(made.value);
    this.#byToken.set(token, made.value);
    this.#made.push(made);
  }

  async #dispose({ name, value, owned, dispose }: Made): Promise<void> {
    try {
      const ending =
        dispose !== undefined ? dispose(value) : owned ? methodOf(value, "dispose")?.call(value) : undefined;
      await within(DISPOSE_LIMIT_MS, ending);
    } catch (error) {
      this.#logger.error({ err: error, component: name }, "dispose failed");
    }
  }
}

/** Whether nothing is injected into the constructor of a class, and tsyringe would do no more than call it. */
function isMadeByItself(target: AnyClass): target is new () => object {
  return constructorOwner(target) === undefined;
}

function provideIn(container: DependencyContainer, token: TsyringeToken, value: unknown): void {
  // As a factory, because tsyringe takes a value that is null or undefined for none.
  container.register(token, { useFactory: () => value });
}

function registerIn(container: DependencyContainer, target: AnyClass): void {
  const { Lifecycle } = loadTsyringe();
  container.register(
    keyOf(target as InjectionToken<object>),
    { useClass: target as never },
    {
      lifecycle: Lifecycle.Singleton,
    },
  );
}

function loadTsyringe(): typeof tsyringe {
  return require("tsyringe") as typeof tsyringe;
}

/** Rejects where `promise` takes longer. */
async function within(limitMs: number, promise: unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It has not ended after ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
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
