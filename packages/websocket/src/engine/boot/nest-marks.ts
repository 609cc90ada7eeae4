import type { AnyClass } from "../../class-metadata";

const PROVIDER = "__injectable__";
const ON_CLASSES_AND_METHODS: Readonly<Record<string, string>> = {
  __guards__: "@UseGuards",
  __pipes__: "@UsePipes",
  __interceptors__: "@UseInterceptors",
  __exceptionFilters__: "@UseFilters",
  "websockets:message_mapping": "@SubscribeMessage",
};

/** Whether Nest has, or would have, an instance of a class. */
export function isOfNest(target: AnyClass): boolean {
  return Reflect.hasOwnMetadata(PROVIDER, target);
}

/** The decorators of Nest on a handler and its methods, which nothing here obeys. */
export function nestDecoratorsOn(handler: unknown): string[] {
  const places: object[] = [];
  for (let each = handler; isObject(each) && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    // What an instance holds, such as a class of Nest, is no method of it.
    if (!Object.hasOwn(each, "constructor")) continue;
    const own = Object.values(Object.getOwnPropertyDescriptors(each)).map(({ value }) => value as unknown);
    places.push(...own.filter((value) => typeof value === "function"));
  }
  return Object.keys(ON_CLASSES_AND_METHODS)
    .filter((key) => places.some((place) => Reflect.hasMetadata(key, place)))
    .map((key) => ON_CLASSES_AND_METHODS[key]!);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
