import { existsSync, realpathSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ClassMetadata, onDecorated, type AnyClass } from "../../class-metadata";
import { reasonOf, type VernalError } from "../../errors";
import { emptyScan, scanFailed } from "../../wiring-errors";

const COMPILED = [".js", ".cjs", ".mjs"];
const SKIPPED_FOLDERS = new Set(["node_modules", "test", "tests", "__tests__", "__mocks__"]);
const SKIPPED_FILES = /\.d\.[cm]?ts$|\.(?:test|spec)\.[^.]+$/;

/**
 * Loads the modules of a folder for the decorated classes that they export.
 *
 * @param decorated gets what was decorated meanwhile, exported or not.
 */
export async function scanFolder(
  folder: string,
  problems: VernalError[],
  decorated: Set<AnyClass>,
): Promise<AnyClass[]> {
  const entry = await stat(folder).catch(() => undefined);
  if (!entry?.isDirectory()) {
    problems.push(emptyScan(folder, entry === undefined ? "does not exist" : "is no folder"));
    return [];
  }
  const files: string[] = [];
  try {
    files.push(...(await filesOf(folder)).filter((file) => !isEntryModule(file)));
  } catch (error) {
    problems.push(emptyScan(folder, `cannot be read: ${reasonOf(error)}`));
    return [];
  }
  const found: AnyClass[] = [];
  const failures: VernalError[] = [];
  const unreadable: VernalError[] = [];
  let loadedTypeScript = false;
  for (const file of files.sort()) {
    try {
      found.push(...exportsOf(await load(file, decorated)).filter((each) => ClassMetadata.isOn(each)));
      loadedTypeScript ||= file.endsWith(".ts");
    } catch (error) {
      if (isUnreadableTypeScript(file, error)) unreadable.push(scanFailed(file, error));
      else failures.push(scanFailed(file, error));
    }
  }
  // Where some TypeScript was loaded, the rest is broken and not unreadable.
  if (loadedTypeScript) failures.push(...unreadable.splice(0));
  problems.push(...failures);
  if (found.length === 0 && failures.length === 0) {
    problems.push(emptyScan(folder, contentOf(files.length - unreadable.length, unreadable.length)));
  }
  return found;
}

/** With what `module.exports = Class` exports. */
function exportsOf(loaded: unknown): unknown[] {
  return [loaded, ...(Object.values(loaded ?? {}) as unknown[])];
}

/** Only some processes load TypeScript, and one that does not takes it for broken JavaScript. */
function isUnreadableTypeScript(file: string, error: unknown): boolean {
  return file.endsWith(".ts") && (error as Partial<Error> | undefined)?.name === "SyntaxError";
}

function contentOf(loaded: number, unreadable: number): string {
  if (loaded + unreadable === 0) return "has no module in it";
  const parts: string[] = [];
  if (loaded > 0) parts.push(`${loaded === 1 ? "1 module was" : `${loaded} modules were`} loaded`);
  if (unreadable > 0) {
    const modules = unreadable === 1 ? "1 module is" : `${unreadable} modules are`;
    parts.push(`${modules} TypeScript, which this process does not load`);
  }
  return `exports no decorated class: ${parts.join(", ")}`;
}

async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) files.push(...(await filesOf(path)));
    } else if (isModule(path)) {
      files.push(path);
    }
  }
  return files;
}

function isModule(path: string): boolean {
  if (SKIPPED_FILES.test(path)) return false;
  const extension = extname(path);
  if (COMPILED.includes(extension)) return true;
  if (extension !== ".ts") return false;
  const base = path.slice(0, -extension.length);
  return !COMPILED.some((compiled) => existsSync(base + compiled));
}

/** The program's own first module: it is loading, and may be waiting for this very scan. */
function isEntryModule(file: string): boolean {
  const entries = [require.main?.filename, process.argv[1]];
  return entries.some((entry) => entry !== undefined && realPath(entry) === realPath(file));
}

function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

async function load(file: string, decorated: Set<AnyClass>): Promise<unknown> {
  try {
    return requireNoting(file, decorated);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code !== "ERR_REQUIRE_ESM" && code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
    return (await import(pathToFileURL(file).href)) as unknown;
  }
}

/** Not for what has to be awaited: what is decorated in the meantime may be of somebody else. */
function requireNoting(file: string, decorated: Set<AnyClass>): unknown {
  const stopListening = onDecorated((target) => decorated.add(target));
  try {
    return require(file) as unknown;
  } finally {
    stopListening();
  }
}
