import { CloseStatus } from "@vernal/websocket";

/** A wrong argument, for the message that says so. `String` would throw for an object without a prototype. */
export function displayValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof CloseStatus) return value.toString();
  const { code } = value as { readonly code?: unknown };
  if (typeof code === "number") return `an object with the code ${code}`;
  return `an object (${(value.constructor as { readonly name?: string } | undefined)?.name ?? "no class"})`;
}
