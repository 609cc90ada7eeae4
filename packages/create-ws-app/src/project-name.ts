import { builtinModules } from "node:module";
import { basename, dirname, resolve } from "node:path";

const MAX_LENGTH = 214;
const RESERVED = new Set(["node_modules", "favicon.ico", ...builtinModules]);
const PART = /^[a-z0-9-][a-z0-9._-]*$/;

/** The name of a project in this directory; `@scope/name` where the last two parts of its path are that. */
export function nameOf(directory: string): string {
  const path = resolve(directory);
  const scope = basename(dirname(path));
  return scope.startsWith("@") ? `${scope}/${basename(path)}` : basename(path);
}

/** What npm has against a name, as the end of a sentence; `undefined` where it takes it. */
export function problemOf(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (RESERVED.has(name)) return "it is taken by Node.js or npm itself";
  if (/[A-Z]/.test(name)) return "it has capital letters";
  const parts = name.startsWith("@") ? name.slice(1).split("/") : [name];
  if (parts.length > 2 || (name.startsWith("@") && parts.length < 2)) return "a scope is written @scope/name";
  for (const part of parts) {
    if (/^[._]/.test(part)) return `it begins with "${part[0]}"`;
    if (!PART.test(part)) return "it has other characters than a to z, 0 to 9, -, . and _";
  }
  return undefined;
}

/** A name that npm takes, as near to this one as possible; `undefined` where nothing of it is left. */
export function mended(name: string): string | undefined {
  const [, scope, rest] = /^@([^/]*)\/(.*)$/.exec(name) ?? [undefined, undefined, name];
  const part = mendedPart(rest ?? "");
  if (part === "") return undefined;
  const scopePart = scope === undefined ? "" : mendedPart(scope);
  const whole = scopePart === "" ? part : `@${scopePart}/${part}`;
  if (whole.length > MAX_LENGTH) return undefined;
  return RESERVED.has(whole) ? `${whole}-app` : whole;
}

function mendedPart(part: string): string {
  return part
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "")
    .slice(0, MAX_LENGTH);
}
