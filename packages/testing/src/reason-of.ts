import { displayValue } from "./display-value";

/** What was thrown, as a part of a sentence. Errors of Node are none of the `Error` that a runner gives to tests. */
export function reasonOf(thrown: unknown): string {
  const { message, errors } = (thrown ?? {}) as { readonly message?: unknown; readonly errors?: unknown };
  // A name with several addresses fails with an error for each, and around them one without a text.
  if (message === "" && Array.isArray(errors)) return errors.map(reasonOf).join(", ");
  if (typeof message === "string") return message;
  return typeof thrown === "string" ? thrown : displayValue(thrown);
}
