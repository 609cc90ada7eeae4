import { VernalError } from "@vernal/websocket";

// What a real session throws, with the same codes, for one that only stands for it.

export function invalidCall(where: string, value: unknown, expected: string): VernalError {
  return new VernalError("VERNAL_INVALID_ARGUMENT", `${where} got ${display(value)}. Give it ${expected}.`);
}

export function tooManyGroups(group: string, limit: number): VernalError {
  return new VernalError(
    "VERNAL_TOO_MANY_GROUPS",
    `session.join cannot add ${JSON.stringify(group)}: the session is in ${limit} groups already. ` +
      `Leave one first, or raise maxGroupsPerSession.`,
  );
}

/** `String` would throw for an object without a prototype. */
function display(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) {
    return `an object (${(value.constructor as { readonly name?: string } | undefined)?.name ?? "no class"})`;
  }
  return typeof value === "function" ? "a function" : String(value);
}
