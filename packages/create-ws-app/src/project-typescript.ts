import { createRequire } from "node:module";
import { join } from "node:path";
import type ts from "typescript";
import { noTypeScript, typeScriptWithoutParser } from "./errors";

export type TypeScript = typeof ts;

/**
 * The compiler of the project in this folder: it reads the source as the project means it, and the command needs none of its
 * own.
 *
 * @throws Problem
 */
export function loadTypeScript(folder: string): TypeScript {
  const require = createRequire(join(folder, "package.json"));
  let path: string;
  try {
    path = require.resolve("typescript");
  } catch {
    throw noTypeScript();
  }
  const loaded = require(path) as Partial<TypeScript>;
  // Of the native compiler nothing but the version can be imported.
  if (typeof loaded.createSourceFile !== "function") throw typeScriptWithoutParser(loaded.version ?? "");
  return loaded as TypeScript;
}
