import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { nameIsNoPackage } from "./errors";

/** Where nothing better is known. */
export const DEFAULT_NAME = "my-ws-app";

const MAX_LENGTH = 214;
const RESERVED = new Set(["node_modules", "favicon.ico", ...builtinModules]);
const PART = /^[a-z0-9._-]+$/;

/** The name of a project in this directory; `@scope/name` where the last two parts of its path are that. */
export function nameOf(directory: string): string {
  const path = resolve(directory);
  const scope = basename(dirname(path));
  return scope.startsWith("@") ? `${scope}/${basename(path)}` : basename(path);
}

/**
 * A directory that is to be made has the name of its package; one that is there keeps its own.
 *
 * @throws Problem
 */
export function requirePackageName(directory: string): void {
  const target = resolve(directory);
  const name = nameOf(target);
  const problem = problemOf(name);
  if (problem === undefined || existsSync(target)) return;
  // The directories above keep their names.
  const above = name.includes("/") ? dirname(dirname(target)) : dirname(target);
  const beside = join(above, mended(name) ?? DEFAULT_NAME);
  const suggestion = isAbsolute(directory) ? beside : relative(process.cwd(), beside);
  throw nameIsNoPackage(name, problem, suggestion);
}

/** What the package in this directory is called, and why it is not called as that is. */
export function packageNameIn(target: string): { readonly name: string; readonly notice?: string } {
  const own = nameOf(target);
  const problem = problemOf(own);
  if (problem === undefined) return { name: own };
  const name = mended(own) ?? DEFAULT_NAME;
  const reason = `npm does not take ${JSON.stringify(own)}: ${problem}`;
  return { name, notice: `The package is called ${name}, because ${reason}.` };
}

/** What npm has against a name, as the end of a sentence; `undefined` where it takes it. */
export function problemOf(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (RESERVED.has(name)) return "it is taken by Node.js or npm itself";
  if (/[A-Z]/.test(name)) return "it has capital letters";
  const parts = name.startsWith("@") ? name.slice(1).split("/") : [name];
  if (parts.length > 2 || (name.startsWith("@") && parts.length < 2)) return "a scope is written @scope/name";
  // npm minds these three at the beginning of a name, and a dot behind a scope too.
  const [beginning] = /^[._-]/.exec(name) ?? /^\./.exec(parts.at(-1) ?? "") ?? [];
  if (beginning !== undefined) return `it begins with "${beginning}"`;
  if (!parts.every((part) => PART.test(part))) {
    return "it has other characters than a to z, 0 to 9, -, . and _";
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
