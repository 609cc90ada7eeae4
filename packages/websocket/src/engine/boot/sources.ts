import type { AnyClass } from "../../class-metadata";
import type { VernalError } from "../../errors";
import {
  BEANS,
  DiscoveredComponents,
  type BeanMethod,
  type InjectionToken,
  type Provider,
} from "../../injection";
import { WebSocketBroadcaster } from "../../websocket-broadcaster";
import { WebSocketSessions } from "../../websocket-sessions";
import { CONFIGURATION } from "../../websocket-configurer";
import {
  beanOutsideConfiguration,
  beanParametersUnknown,
  beanWithoutToken,
  duplicateProvider,
  invalidProvider,
} from "../../wiring-errors";
import { isManaged, isSingleton } from "./managed";
import { describeToken, isInjectableClass } from "./token";

/** Something that stands behind a token and is no class of the application: a provider or a bean. */
export interface Source {
  readonly token: InjectionToken<unknown>;
  /** How reports name it. */
  readonly name: string;
  /** What `make` gets, by position. */
  readonly needs: readonly SourceNeed[];
  /** The value, or a promise of it. */
  readonly make: (dependencies: readonly unknown[]) => unknown;
  /** Whether `make` runs code of the application. */
  readonly runsCode: boolean;
  /** Whether the value's own `start` and `dispose` are to be called: not where somebody else made it. */
  readonly owned: boolean;
  readonly dispose: ((value: unknown) => unknown) | undefined;
}

export interface SourceNeed {
  readonly token: unknown;
  /** The parameter of the function, as its author counts. */
  readonly index: number;
  /** Named by the code, and not read from a compiled type. */
  readonly explicit: boolean;
  /** Whether it is the very class that a provider makes, and no other one that extends it. */
  readonly isChosen?: boolean;
}

const OF_THE_FRAMEWORK: ReadonlySet<unknown> = new Set([
  WebSocketSessions,
  WebSocketBroadcaster,
  DiscoveredComponents,
]);

export type Sources = ReadonlyMap<unknown, Source>;

/** Collects providers, beans and overrides by their tokens. */
export function collectSources(
  classes: readonly AnyClass[],
  providers: readonly Provider[],
  overrides: readonly Provider[],
  problems: VernalError[],
): Sources {
  const sources = new Map<unknown, Source>();
  const add = (source: Source): void => {
    const isComponent = typeof source.token === "function" && isManaged(source.token as AnyClass);
    const itself = isComponent
      ? "its own decorator"
      : OF_THE_FRAMEWORK.has(source.token)
        ? "Vernal"
        : undefined;
    const other = sources.get(source.token)?.name ?? itself;
    if (other === undefined) sources.set(source.token, source);
    else problems.push(duplicateProvider(describeToken(source.token), other, source.name));
  };
  fromProviders("providers", providers, problems).forEach(add);
  fromBeans(classes, problems).forEach(add);
  const replacing = new Map<unknown, Source>();
  for (const source of fromProviders("overrides", overrides, problems)) {
    const other = replacing.get(source.token);
    if (other !== undefined) {
      problems.push(duplicateProvider(describeToken(source.token), other.name, source.name));
    }
    replacing.set(source.token, source);
  }
  return new Map([...sources, ...replacing]);
}

function fromProviders(
  option: "providers" | "overrides",
  providers: readonly Provider[],
  problems: VernalError[],
): Source[] {
  return providers.flatMap((provider) => {
    const source = isProvider(provider) ? fromProvider(option, provider) : undefined;
    if (source === undefined) problems.push(invalidProvider(`The option ${option}`, provider));
    return source ?? [];
  });
}

function isProvider(value: unknown): value is Provider {
  if (typeof value !== "object" || value === null) return false;
  const { token, inject, dispose } = value as Readonly<Record<string, unknown>>;
  return (
    ["string", "symbol", "function"].includes(typeof token) &&
    (inject === undefined || Array.isArray(inject)) &&
    (dispose === undefined || typeof dispose === "function")
  );
}

function fromProvider(option: string, provider: Provider): Source | undefined {
  const { token } = provider;
  const base = {
    token,
    name: `The provider of ${describeToken(token)} in ${option}`,
    dispose: provider.dispose?.bind(provider),
  };
  if ("useFactory" in provider && typeof provider.useFactory === "function") {
    const factory = provider.useFactory as (...dependencies: readonly unknown[]) => unknown;
    const needs = explicitNeeds(provider.inject ?? []);
    const make = (dependencies: readonly unknown[]): unknown => factory(...dependencies);
    const name = `The factory of ${describeToken(token)}`;
    return { ...base, name, needs, make, runsCode: true, owned: true };
  }
  if ("useClass" in provider && typeof provider.useClass === "function") {
    // Of a component it is the one instance, which has its own place in the order of starting and disposing.
    const owned = !isSingleton(provider.useClass as AnyClass);
    const needs = [{ token: provider.useClass, index: 0, explicit: true, isChosen: true }];
    return { ...base, needs, make: ([instance]) => instance, runsCode: true, owned };
  }
  if (!("useValue" in provider)) return undefined;
  const { useValue } = provider;
  return { ...base, needs: [], make: () => useValue, runsCode: false, owned: false };
}

function fromBeans(classes: readonly AnyClass[], problems: VernalError[]): Source[] {
  const configurations = classes.filter((each) => CONFIGURATION.read(each) !== undefined);
  for (const each of classes) {
    const isUsed = configurations.some((other) => other === each || other.prototype instanceof each);
    if (BEANS.read(each) !== undefined && !isUsed) problems.push(beanOutsideConfiguration(each.name));
  }
  return configurations.flatMap((owner) =>
    beansOf(owner, configurations).flatMap((bean) => fromBean(owner, bean, problems) ?? []),
  );
}

/** Its own bean methods, and those that it inherits of a class that is no configuration by itself. */
function beansOf(owner: AnyClass, configurations: readonly AnyClass[]): BeanMethod[] {
  const byMethod = new Map<string | symbol, BeanMethod>();
  for (let each: unknown = owner; typeof each === "function"; each = Object.getPrototypeOf(each)) {
    if (each !== owner && configurations.includes(each as AnyClass)) break;
    for (const bean of BEANS.read(each as AnyClass) ?? []) {
      if (!byMethod.has(bean.method)) byMethod.set(bean.method, bean);
    }
  }
  return [...byMethod.values()];
}

function fromBean(owner: AnyClass, bean: BeanMethod, problems: VernalError[]): Source | undefined {
  const prototype = owner.prototype as object;
  const name = `${owner.name}.${String(bean.method)}()`;
  const returned: unknown = Reflect.getMetadata("design:returntype", prototype, bean.method);
  const token = bean.token ?? (isInjectableClass(returned) ? returned : undefined);
  if (token === undefined) {
    problems.push(beanWithoutToken(name, describeToken(returned)));
    return undefined;
  }
  const types = (Reflect.getMetadata("design:paramtypes", prototype, bean.method) ?? []) as unknown[];
  const parameters = bean.inject && explicitNeeds(bean.inject);
  const known = (parameters ?? types).length;
  const wanted = parameterCount(prototype, bean.method);
  if (wanted > known) {
    problems.push(beanParametersUnknown(name, wanted, known));
    return undefined;
  }
  return {
    token,
    name,
    needs: [
      ...explicitNeeds([owner]),
      ...(parameters ?? types.map((type, index) => ({ token: type, index, explicit: false }))),
    ],
    make: ([configuration, ...dependencies]) =>
      callMethod(configuration as object, bean.method, dependencies),
    runsCode: true,
    owned: true,
    dispose: undefined,
  };
}

function explicitNeeds(tokens: readonly unknown[]): SourceNeed[] {
  return tokens.map((token, index) => ({ token, index, explicit: true }));
}

/** Of a property that holds a function only its instances know. */
function parameterCount(prototype: object, method: string | symbol): number {
  for (let each: unknown = prototype; each !== null; each = Object.getPrototypeOf(each)) {
    const descriptor = Object.getOwnPropertyDescriptor(each, method);
    const value: unknown = descriptor?.value;
    if (descriptor !== undefined) return typeof value === "function" ? value.length : 0;
  }
  return 0;
}

function callMethod(target: object, method: string | symbol, parameters: readonly unknown[]): unknown {
  const bean = (target as Record<string | symbol, unknown> | undefined)?.[method];
  if (typeof bean !== "function")
    throw new Error(`What overrides its configuration has no ${String(method)}()`);
  return Reflect.apply(bean, target, parameters) as unknown;
}
