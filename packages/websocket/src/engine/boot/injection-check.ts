import { ClassMetadata, type AnyClass } from "../../class-metadata";
import type { VernalError } from "../../errors";
import { delay, isMeantToBeSeparate, loggerTokenOf, makeInjectable } from "../../injection";
import {
  dependencyCycle,
  foreignProvider,
  misplacedInjection,
  missingImplementation,
  missingMetadata,
  missingProvider,
  uninjectableParameter,
  type ParameterPlace,
} from "../../injection-errors";
import { isManaged } from "./managed";
import { isOfNest } from "./nest-marks";
import type { Source, Sources } from "./sources";
import { describeToken, isInjectableClass } from "./token";

const TYPES_KEY = "design:paramtypes";
// Neither is exported by tsyringe; a test pins both.
const TOKENS_KEY = "injectionTokens";
let delayed: unknown;

/** What boot makes or lets tsyringe make. */
export type Part = AnyClass | Source;

/** What the check found out about a graph of classes and sources without making any of them. */
export interface InjectionPlan {
  /** All that was reached, dependencies first. */
  readonly order: readonly Part[];
  /** What cannot be made, because of itself or of what it needs. */
  readonly unsound: ReadonlySet<Part>;
  readonly problems: readonly VernalError[];
  /** Who is injected with a class that nobody has decorated: each has an instance of its own. */
  readonly separate: ReadonlyMap<AnyClass, readonly string[]>;
}

/** What `delay(() => Other)` makes. */
interface Delayed {
  wrap(): unknown;
}

interface Parameter {
  readonly token: unknown;
  readonly index: number;
  /** Named by the code, and not read from the compiled type. */
  readonly explicit: boolean;
  readonly optional: boolean;
  /** Whether a class is meant as it stands there. */
  readonly isChosen?: boolean;
}

/** Walks from `roots` through their parameters, and readies tsyringe for each class on the way. */
export function checkInjection(
  roots: readonly Part[],
  sources: Sources,
  isProvided: (token: unknown) => boolean,
  components: readonly AnyClass[],
): InjectionPlan {
  const walk = new Walk(sources, isProvided, components);
  for (const root of roots) walk.visit(root);
  walk.visitDelayed();
  return walk;
}

class Walk implements InjectionPlan {
  readonly order: Part[] = [];
  readonly unsound = new Set<Part>();
  readonly problems: VernalError[] = [];
  readonly separate = new Map<AnyClass, string[]>();
  readonly #sources: Sources;
  readonly #isProvided: (token: unknown) => boolean;
  readonly #components: readonly AnyClass[];
  readonly #visited = new Set<Part>();
  /** What lies between the root and the part that is being looked at, this one included. */
  readonly #chain: Part[] = [];
  readonly #delayed: Delayed[] = [];

  constructor(sources: Sources, isProvided: (token: unknown) => boolean, components: readonly AnyClass[]) {
    this.#sources = sources;
    this.#isProvided = isProvided;
    this.#components = components;
  }

  /** Whether the part can be made. */
  visit(target: Part): boolean {
    const start = this.#chain.indexOf(target);
    if (start !== -1) {
      this.problems.push(dependencyCycle([...this.#chain.slice(start), target].map(nameOf)));
      return false;
    }
    if (this.#visited.has(target)) return !this.unsound.has(target);
    this.#visited.add(target);
    this.#chain.push(target);
    const sound = isSource(target) ? this.#visitNeeds(target) : this.#visitConstructor(target);
    if (!sound) this.unsound.add(target);
    this.#chain.pop();
    this.order.push(target);
    return !this.unsound.has(target);
  }

  /** What stands behind a delay is made like everything else, only not before the class that asks for it. */
  visitDelayed(): void {
    for (const delayed of this.#delayed) {
      const target = delayed.wrap();
      const part = this.#sources.get(target) ?? target;
      if (isSource(part) || (isInjectableClass(part) && !this.#isProvided(part))) this.visit(part);
    }
  }

  #visitNeeds(source: Source): boolean {
    return this.#visitAll(source.needs.map((need) => ({ ...need, optional: false })));
  }

  #visitConstructor(target: AnyClass): boolean {
    // Of a field or a method's parameter, tsyringe writes it onto the prototype, and reads it nowhere.
    const isWellPlaced = !Reflect.hasMetadata(TOKENS_KEY, target.prototype as object);
    if (!isWellPlaced) this.problems.push(misplacedInjection(nameOf(target)));
    const owner = constructorOwner(target);
    if (owner === undefined) return isWellPlaced;
    const parameters = parametersOf(owner);
    if (!Reflect.hasOwnMetadata(TYPES_KEY, owner)) {
      if (!parameters.every(({ explicit }) => explicit)) {
        this.problems.push(
          missingMetadata(this.#chain.map(nameOf), nameOf(owner), ClassMetadata.isOn(owner)),
        );
        return false;
      }
      // Else tsyringe would write the tokens into the types of the base class.
      Reflect.defineMetadata(TYPES_KEY, [], owner);
    }
    // The base first: what tsyringe reads of a subclass without a constructor is what it has stored of the base.
    makeInjectable(owner);
    if (owner !== target) makeInjectable(target);
    const loggerToken = loggerTokenOf(owner);
    const others = parameters.filter(({ token }) => token === undefined || token !== loggerToken);
    return this.#visitAll(others) && isWellPlaced;
  }

  /** Goes on after one that is wrong: there may be more. */
  #visitAll(parameters: readonly Parameter[]): boolean {
    return parameters.map((parameter) => this.#visitParameter(parameter)).every((sound) => sound);
  }

  #visitParameter({ token, index, explicit, optional, isChosen = false }: Parameter): boolean {
    const source = this.#sources.get(token);
    // A class may be provided by itself.
    if (source !== undefined && source !== this.#chain.at(-1)) return this.visit(source);
    if (this.#isProvided(token)) return true;
    if (isDelayed(token)) {
      this.#delayed.push(token);
      return true;
    }
    const of = isSource(this.#chain.at(-1)!) ? "function" : "constructor";
    const place: ParameterPlace = { index, of, chain: this.#chain.map(nameOf) };
    if (isInjectableClass(token)) {
      const isMeant = isChosen || isManaged(token) || isMeantToBeSeparate(token);
      return isMeant ? this.visit(token) : this.#visitUndecorated(token, place);
    }
    if (optional) return true;
    const namesNothing = !explicit || token === undefined;
    const problem = namesNothing ? uninjectableParameter : missingProvider;
    this.problems.push(problem(place, describeToken(token)));
    return false;
  }

  /** A base class would be made as it is, and an abstract one then lacks its methods. */
  #visitUndecorated(token: AnyClass, place: ParameterPlace): boolean {
    if (isOfNest(token)) {
      this.problems.push(foreignProvider(place, describeToken(token)));
      return false;
    }
    const heirs = this.#components.filter((each) => each.prototype instanceof token);
    if (heirs.length > 0) {
      this.problems.push(missingImplementation(place, describeToken(token), heirs.map(describeToken)));
      return false;
    }
    this.separate.set(token, [...(this.separate.get(token) ?? []), place.chain.at(-1)!]);
    return this.visit(token);
  }
}

export function isSource(part: unknown): part is Source {
  return typeof part === "object" && part !== null && "make" in part;
}

/** The class whose constructor runs for `target`: its own, or the one it inherits. `undefined`: without parameters. */
export function constructorOwner(target: AnyClass): AnyClass | undefined {
  let candidate: unknown = target;
  while (typeof candidate === "function" && candidate !== Function.prototype) {
    if (Reflect.hasOwnMetadata(TYPES_KEY, candidate)) return candidate as AnyClass;
    // The parameters of EventEmitter, Error and the like are options, and nothing to inject.
    if (candidate !== target && !isClassSyntax(candidate)) return undefined;
    if (candidate.length > 0) return candidate as AnyClass;
    candidate = Object.getPrototypeOf(candidate);
  }
  return undefined;
}

function parametersOf(owner: AnyClass): Parameter[] {
  const types = (Reflect.getOwnMetadata(TYPES_KEY, owner) ??
    Array(owner.length).fill(undefined)) as unknown[];
  const explicit = (Reflect.getOwnMetadata(TOKENS_KEY, owner) ?? {}) as Readonly<Record<number, unknown>>;
  return Array.from(types, (type, index) => {
    // tsyringe writes the explicit tokens into the types once it has seen the class.
    const named = explicit[index] ?? (isDescriptor(type) || isDelayed(type) ? type : undefined);
    if (!isDescriptor(named)) {
      return { token: named ?? type, index, explicit: named !== undefined, optional: false };
    }
    return { token: named.token, index, explicit: true, optional: named.isOptional === true };
  });
}

function isDescriptor(value: unknown): value is { token: unknown; isOptional?: boolean } {
  return typeof value === "object" && value !== null && "token" in value;
}

function isDelayed(token: unknown): token is Delayed {
  if (typeof token !== "object" || token === null) return false;
  // Here, because asking loads tsyringe.
  delayed ??= delay(() => Object).constructor;
  return token.constructor === delayed;
}

function isClassSyntax(value: object): boolean {
  return Function.prototype.toString.call(value).startsWith("class");
}

function nameOf(part: Part): string {
  return isSource(part) ? part.name : describeToken(part);
}
