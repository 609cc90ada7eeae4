import { VernalError } from "@vernal/websocket";
import { displayValue } from "./display-value";

// What a real session throws, with the same codes, for one that only stands for it.

export function invalidCall(where: string, value: unknown, expected: string): VernalError {
  return new VernalError(
    "VERNAL_INVALID_ARGUMENT",
    `${where} got ${displayValue(value)}. Give it ${expected}.`,
  );
}

export function tooManyGroups(group: string, limit: number): VernalError {
  return new VernalError(
    "VERNAL_TOO_MANY_GROUPS",
    `session.join cannot add ${JSON.stringify(group)}: the session is in ${limit} groups already. ` +
      `Leave one first, or raise maxGroupsPerSession.`,
  );
}
