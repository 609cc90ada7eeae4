import { nameIsNoClass, nameSaysNothing } from "./errors";

/** What the generated files import, and names without a word of their own. */
const TAKEN = new Set([
  "Handler",
  "WebSocketHandler",
  "TextWebSocketHandler",
  "Interceptor",
  "HandshakeInterceptor",
]);

/**
 * The name of a class, which may be given with its ending or without.
 *
 * @throws Problem
 */
export function classNameOf(name: string, ending: string): string {
  if (/^[A-Z][A-Za-z0-9]*$/.test(name)) {
    const className = name.endsWith(ending) ? name : name + ending;
    if (TAKEN.has(className)) throw nameSaysNothing(name);
    return className;
  }
  const words = name.match(/[A-Za-z0-9]+/g) ?? [];
  const mended = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  throw nameIsNoClass(name, /^[A-Z]/.test(mended) ? mended : "Chat");
}

/** As files are named: `RoomHandler` in room-handler.ts. */
export function kebabCase(className: string): string {
  return className.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
}
