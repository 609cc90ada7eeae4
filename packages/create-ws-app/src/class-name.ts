/** What the generated files import, and names without a word of their own. */
const TAKEN = new Set([
  "Handler",
  "WebSocketHandler",
  "TextWebSocketHandler",
  "Interceptor",
  "HandshakeInterceptor",
]);

/** What stands against a name of a class, with this ending or without, as a sentence; `undefined` where it is one. */
export function problemOfClassName(name: string, ending: string): string | undefined {
  if (/^[A-Z][A-Za-z0-9]*$/.test(name)) {
    if (!TAKEN.has(withEnding(name, ending))) return undefined;
    return `"${name}" says nothing about it, or is a name of the framework. How about Chat?`;
  }
  const words = name.match(/[A-Za-z0-9]+/g) ?? [];
  const mended = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const suggestion = /^[A-Z]/.test(mended) ? mended : "Chat";
  return `"${name}" is no name of a class, which begins with a capital letter. How about ${suggestion}?`;
}

export function withEnding(name: string, ending: string): string {
  return name.endsWith(ending) ? name : name + ending;
}

/** As files are named: `RoomHandler` in room-handler.ts. */
export function kebabCase(className: string): string {
  return className.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
}
