import { pathWithForbidden, pathWithOddSegment, pathWithVariableTwice, pathWithoutSlash } from "./errors";

const VARIABLE = /^\{([A-Za-z_]\w*)\}$/;
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const FORBIDDEN = /[\s"'`\\?#\u0000-\u001f\u007f-\u009f]/;

/**
 * Takes what the framework takes, and what can be written between quotes.
 *
 * @throws Problem
 */
export function requirePath(path: string): void {
  if (!path.startsWith("/")) throw pathWithoutSlash(path);
  if (FORBIDDEN.test(path)) throw pathWithForbidden(path);
  if (path === "/") return;
  const segments = segmentsOf(path);
  const odd = segments.find((segment, index) => !isSegment(segment, index === segments.length - 1));
  if (odd !== undefined) throw pathWithOddSegment(path, odd);
  const variables = variablesOf(path);
  const twice = variables.find((variable, index) => variables.indexOf(variable) !== index);
  if (twice !== undefined) throw pathWithVariableTwice(path, twice);
}

/** Equal for two paths that are the same one for the framework, whatever their variables are called. */
export function shapeOf(path: string): string {
  return segmentsOf(path)
    .map((segment) => (VARIABLE.test(segment) ? "{}" : segment.split("*").map(normalised).join("*")))
    .join("/");
}

export function variablesOf(path: string): string[] {
  return segmentsOf(path).flatMap((segment) => VARIABLE.exec(segment)?.[1] ?? []);
}

/** A path that a client may ask for, with a value for each variable. */
export function exampleOf(path: string, valueOf: (index: number) => string): string {
  let count = 0;
  const segments = segmentsOf(path).map((segment) =>
    VARIABLE.test(segment) ? valueOf(count++) : segment.replace(/\*+/g, "x"),
  );
  return `/${segments.join("/")}`;
}

/** The framework takes a path without its first slash as well. */
function segmentsOf(path: string): string[] {
  return path.replace(/^\//, "").split("/");
}

function isSegment(text: string, isLast: boolean): boolean {
  if (VARIABLE.test(text)) return true;
  if (text.includes("**")) return text === "**" && isLast;
  if (/[{}]/.test(text)) return false;
  const literal = decoded(text);
  return literal !== undefined && !["", ".", ".."].includes(literal);
}

/** One way to write what may be written with and without escapes; never like a variable or a wildcard. */
function normalised(literal: string): string {
  return encodeURIComponent(decoded(literal) ?? literal).replaceAll("*", "%2A");
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
