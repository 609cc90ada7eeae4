import type { AnyClass } from "../../class-metadata";

/**
 * Whether the token is a class of the application; built-in ones such as `Object` and `Promise` name nothing, and nor does
 * an arrow function.
 */
export function isInjectableClass(token: unknown): token is AnyClass {
  return isConstructor(token) && !Function.prototype.toString.call(token).endsWith("{ [native code] }");
}

/** Whether `new` can be called on it; an arrow function given in place of an object is none. */
export function isConstructor(value: unknown): value is AnyClass {
  return typeof value === "function" && value.prototype !== undefined;
}

/** How reports name a token. */
export function describeToken(token: unknown): string {
  if (typeof token === "function") {
    return token.name || (isConstructor(token) ? "an anonymous class" : "an anonymous function");
  }
  return typeof token === "string" ? JSON.stringify(token) : String(token);
}
