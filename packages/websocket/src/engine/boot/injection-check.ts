import { delay, injectable } from "tsyringe";
import { ClassMetadata, type AnyClass } from "../../class-metadata";
import {
  dependencyCycle,
  missingMetadata,
  missingProvider,
  uninjectableParameter,
  type VernalError,
} from "../../errors";
import { loggerTokenOf } from "../../injection";

const TYPES_KEY = "design:paramtypes";
// Neither is exported by tsyringe; a test pins both.
const TOKENS_KEY = "injectionTokens";
const DELAYED: unknown = delay(() => Object).constructor;

/** What the check found out about a graph of classes without making any of them. */
export interface InjectionPlan {
  /** Every class that was reached, dependencies first. */
  readonly order: readonly AnyClass[];
  /** The classes that cannot be made, because of themselves or of what they need. */
  readonly unsound: ReadonlySet<AnyClass>;
  readonly problems: readonly VernalError[];
}

/** What `delay(() => Other)` makes. */
interface Delayed {
  wrap(): unknown;
}

interface Parameter {
  readonly token: unknown;
  /** Named by the code, and not read from the compiled type. */
  readonly explicit: boolean;
  readonly optional: boolean;
}

/** Walks from `roots` through the constructors, and readies tsyringe for each class on the way. */
export function checkInjection(
  roots: readonly AnyClass[],
  isProvided: (token: unknown) => boolean,
): InjectionPlan {
  const walk = new Walk(isProvided);
  for (const root of roots) walk.visit(root);
  walk.visitDelayed();
  return walk;
}

class Walk implements InjectionPlan {
  readonly order: AnyClass[] = [];
  readonly unsound = new Set<AnyClass>();
  readonly problems: VernalError[] = [];
  readonly #isProvided: (token: unknown) => boolean;
  readonly #visited = new Set<AnyClass>();
  /** The classes between the root and the one that is being looked at. */
  readonly #chain: AnyClass[] = [];
  readonly #delayed: Delayed[] = [];

  constructor(isProvided: (token: unknown) => boolean) {
    this.#isProvided = isProvided;
  }

  /** Whether the class can be made. */
  visit(target: AnyClass): boolean {
    const start = this.#chain.indexOf(target);
    if (start !== -1) {
      this.problems.push(dependencyCycle([...this.#chain.slice(start), target].map(nameOf)));
      return false;
    }
    if (this.#visited.has(target)) return !this.unsound.has(target);
    this.#visited.add(target);
    this.#chain.push(target);
    if (!this.#visitParameters(target)) this.unsound.add(target);
    this.#chain.pop();
    this.order.push(target);
    return !this.unsound.has(target);
  }

  /** What stands behind a delay is made like everything else, only not before the class that asks for it. */
  visitDelayed(): void {
    for (const delayed of this.#delayed) {
      const target = delayed.wrap();
      if (isClass(target) && !this.#isProvided(target)) this.visit(target);
    }
  }

  #visitParameters(target: AnyClass): boolean {
    const owner = constructorOwner(target);
    if (owner === undefined) return true;
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
    injectable()(owner as never);
    if (owner !== target) injectable()(target as never);
    let sound = true;
    for (const [index, parameter] of parameters.entries()) {
      if (!this.#visitParameter(owner, parameter, index)) sound = false;
    }
    return sound;
  }

  #visitParameter(owner: AnyClass, parameter: Parameter, index: number): boolean {
    const { token, explicit, optional } = parameter;
    const isLogger = token !== undefined && token === loggerTokenOf(owner);
    if (isLogger || this.#isProvided(token)) return true;
    if (isDelayed(token)) {
      this.#delayed.push(token);
      return true;
    }
    if (isClass(token)) return this.visit(token);
    if (optional) return true;
    const chain = this.#chain.map(nameOf);
    const namesNothing = !explicit || token === undefined;
    const problem = namesNothing ? uninjectableParameter : missingProvider;
    this.problems.push(problem(chain, index, describe(token)));
    return false;
  }
}

/** The class whose constructor runs for `target`: its own, or the one it inherits. `undefined`: without parameters. */
function constructorOwner(target: AnyClass): AnyClass | undefined {
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
    if (!isDescriptor(named)) return { token: named ?? type, explicit: named !== undefined, optional: false };
    return { token: named.token, explicit: true, optional: named.isOptional === true };
  });
}

function isDescriptor(value: unknown): value is { token: unknown; isOptional?: boolean } {
  return typeof value === "object" && value !== null && "token" in value;
}

function isDelayed(token: unknown): token is Delayed {
  return typeof token === "object" && token !== null && token.constructor === DELAYED;
}

/** Whether the token is a class of the application; built-in ones such as `Object` and `String` name nothing. */
function isClass(token: unknown): token is AnyClass {
  return (
    typeof token === "function" && !Function.prototype.toString.call(token).endsWith("{ [native code] }")
  );
}

function isClassSyntax(value: object): boolean {
  return Function.prototype.toString.call(value).startsWith("class");
}

function describe(token: unknown): string {
  if (typeof token === "function") return token.name;
  return typeof token === "string" ? JSON.stringify(token) : String(token);
}

function nameOf(target: AnyClass): string {
  return target.name === "" ? "an anonymous class" : target.name;
}
