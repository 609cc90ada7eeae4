import { VernalError } from "./errors";

// The catalogue goes on: what boot finds in constructors and other parameters before anything is made. Each is one of the
// problems of VERNAL_BOOT_FAILED.

/** A parameter that is to be injected. */
export interface ParameterPlace {
  readonly index: number;
  readonly of: "constructor" | "function";
  /** The classes and functions that led there, the one with the parameter last. */
  readonly chain: readonly string[];
}

/**
 * A parameter asks for a token for which there is no component, provider or bean.
 *
 * @example missingProvider({ index: 0, of: "constructor", chain: ["RoomHandler", "MessageHistory"] }, '"database"')
 */
export function missingProvider(place: ParameterPlace, token: string): VernalError {
  const { chain } = place;
  return new VernalError(
    "VERNAL_MISSING_PROVIDER",
    `${chain.at(-1)} needs ${token} as ${parameterAt(place)}, and nothing provides it${reachedBy(chain)}. ` +
      `Provide it, by the option providers: [{ token: ${token}, useValue: … }], or by a @Bean(${token}) method.`,
  );
}

/**
 * `application.get` was asked for something that is no component and has no provider or bean; thrown there.
 *
 * @example missingToken('"database"')
 */
export function missingToken(token: string): VernalError {
  return new VernalError(
    "VERNAL_MISSING_PROVIDER",
    `application.get got ${token}, and nothing provides it. Ask for a component, or for the token of a provider or a bean.`,
  );
}

/**
 * A parameter asks for a base class that nothing stands behind, and a component extends it. Spring would take that one;
 * here a component is found by its own class only.
 *
 * @example missingImplementation({ index: 0, of: "constructor", chain: ["RoomHandler"] }, "Clock", ["SystemClock"])
 */
export function missingImplementation(
  place: ParameterPlace,
  token: string,
  implementations: readonly string[],
): VernalError {
  const { chain } = place;
  const extend = implementations.length === 1 ? "extends it, and is" : "extend it, and are";
  return new VernalError(
    "VERNAL_MISSING_PROVIDER",
    `${chain.at(-1)} needs ${token} as ${parameterAt(place)}, and nothing provides it${reachedBy(chain)}: ` +
      `${implementations.join(" and ")} ${extend} found by its own name only. ` +
      `Say which it is, by the option providers: [{ token: ${token}, useClass: ${implementations[0]} }]; ` +
      `or decorate ${token} with @injectable() of @vernal/websocket if it is meant itself.`,
  );
}

/**
 * A parameter asks for a class that is a provider of NestJS. The container here would make another instance beside that of
 * Nest.
 *
 * @example foreignProvider({ index: 0, of: "constructor", chain: ["RoomHandler"] }, "AccountsService")
 */
export function foreignProvider(place: ParameterPlace, token: string): VernalError {
  const { chain } = place;
  return new VernalError(
    "VERNAL_MISSING_PROVIDER",
    `${chain.at(-1)} needs ${token} as ${parameterAt(place)}, an @Injectable() of Nest, and nothing provides ` +
      `it${reachedBy(chain)}. Hand over the one that Nest has: providers: [{ token: ${token}, useValue: app.get(${token}) }].`,
  );
}

/**
 * A constructor has parameters whose types were not written by the compiler: the class has no decorator, or a compiler
 * without decorator metadata was used.
 *
 * @example missingMetadata(["RoomHandler", "MessageHistory"], "MessageHistory", false)
 * @example missingMetadata(["RoomHandler"], "RoomHandler", true)
 */
export function missingMetadata(chain: readonly string[], owner: string, isDecorated: boolean): VernalError {
  const cure = isDecorated
    ? `Compile ${owner} with tsc or ts-jest and both "experimentalDecorators" and "emitDecoratorMetadata": ` +
      `esbuild, tsx and type stripping write no types. ` +
      `Or write @inject(TheClass), from "@vernal/websocket", in front of each parameter.`
    : `Decorate ${owner} with @Component(); or, where it is not yours, ` +
      `provide an instance of it, by the option providers: [{ token: ${owner}, useFactory: … }].`;
  return new VernalError(
    "VERNAL_MISSING_METADATA",
    `The constructor of ${owner} has parameters, but their types are unknown${reachedBy(chain)}. ${cure}`,
  );
}

/**
 * The type of a parameter is no class at run time: an interface, a union, a plain value, or a class that was not there
 * yet because two modules import each other.
 *
 * @example uninjectableParameter({ index: 1, of: "constructor", chain: ["RoomHandler"] }, "Object")
 * @example uninjectableParameter({ index: 0, of: "constructor", chain: ["RoomHandler"] }, "Function")
 * @example uninjectableParameter({ index: 0, of: "constructor", chain: ["RoomHandler", "Members", "Rooms"] }, "undefined")
 * @example uninjectableParameter({ index: 0, of: "function", chain: ["ChatConfig.database()"] }, "String")
 */
export function uninjectableParameter({ index, of, chain }: ParameterPlace, type: string): VernalError {
  const place = of === "constructor" ? `the constructor of ${chain.at(-1)}` : chain.at(-1);
  const token =
    of === "constructor"
      ? `write @inject("name") in front of it`
      : `name a token, @Bean(TOKEN, ["name"]) with one for each parameter,`;
  const provide = `${token} and provide it, by the option providers: [{ token: "name", useValue: … }]`;
  const circle = `write @inject(delay(() => Other)) on both sides, with inject and delay from "@vernal/websocket"`;
  const cures: Readonly<Record<string, string>> = {
    // All that compile to the same type, because which one it was is gone.
    Function: `If it is a class, import it with "import" and not "import type"; if it is a function, ${provide}.`,
    Object:
      `If it is an interface or a union (also "| undefined"), ${provide}; if it is a class, ` +
      `import it with "import" and not "import type"; if two modules import each other, ${circle}.`,
    undefined: `Its class was not there yet, because two modules import each other: ${circle}.`,
  };
  const cure = cures[type] ?? `For a plain value ${provide}.`;
  return new VernalError(
    "VERNAL_UNINJECTABLE_PARAMETER",
    `The ${ordinal(index)} parameter of ${place} was compiled to the type ${type}, which names nothing that can be ` +
      `injected${reachedBy(chain)}. ${cure}`,
  );
}

/**
 * Classes, providers or beans need each other in a circle, so that none can be made first.
 *
 * @example dependencyCycle(["Rooms", "Members", "Rooms"])
 * @example dependencyCycle(["ChatConfig", "ChatHandler", "ChatConfig.clock()", "ChatConfig"])
 * @example dependencyCycle(["ChatConfig.rooms()", "ChatConfig.members()", "ChatConfig.rooms()"])
 */
export function dependencyCycle(cycle: readonly string[]): VernalError {
  // A method is there when its class has been made; where that is no part of the circle, another class is no way out.
  const bean = cycle.find(
    (name) => name.endsWith("()") && cycle.includes(name.slice(0, name.lastIndexOf("."))),
  );
  const cure =
    bean === undefined
      ? "Let them meet"
      : `Move ${bean} to a @Configuration() class of its own; or let them meet`;
  return new VernalError(
    "VERNAL_DEPENDENCY_CYCLE",
    `${cycle.join(" -> ")} need each other. ${cure} through a third component or WebSocketBroadcaster, ` +
      `or write @inject(delay(() => Other)) on both sides, with inject and delay from "@vernal/websocket".`,
  );
}

/**
 * A class that carries no decorator of Vernal is injected at several places, and each has an instance of its own: in Spring
 * it would be missing. A warning in the log, and no problem: the application starts.
 *
 * @example separateInstances("Counter", ["RoomHandler", "LobbyHandler"])
 */
export function separateInstances(name: string, owners: readonly string[]): VernalError {
  return new VernalError(
    "VERNAL_SEPARATE_INSTANCES",
    `${name} is no component, and ${owners.slice(0, -1).join(", ")} and ${owners.at(-1)} each have one of their own. ` +
      `Decorate it with @Component() for one that they share, or with @injectable() of @vernal/websocket if that is meant.`,
  );
}

/**
 * `@inject`, `@injectAll` or `@InjectLogger` stands on a field, or on a parameter of a method. Only constructors are injected
 * into, and tsyringe says nothing.
 *
 * @example misplacedInjection("RoomHandler")
 */
export function misplacedInjection(name: string): VernalError {
  return new VernalError(
    "VERNAL_MISPLACED_INJECTION",
    `${name} has a decorator such as @inject on a field or on a parameter of a method, where nothing is injected. ` +
      `Put it in front of a parameter of the constructor; a bean method names its tokens itself, @Bean(TOKEN, ["name"]).`,
  );
}

function parameterAt({ index, of }: ParameterPlace): string {
  return of === "constructor"
    ? `the ${ordinal(index)} parameter of its constructor`
    : `its ${ordinal(index)} parameter`;
}

function ordinal(index: number): string {
  return ["first", "second", "third"][index] ?? `${index + 1}th`;
}

function reachedBy(chain: readonly string[]): string {
  return chain.length < 2 ? "" : ` (reached by ${chain.join(" -> ")})`;
}
