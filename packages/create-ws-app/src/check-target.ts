import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  directoryIsBrokenLink,
  directoryIsFile,
  directoryIsNotEmpty,
  noDirectoryThere,
  noFileThere,
} from "./errors";

/** What may be there already: an empty repository, and what editors and file managers leave behind. */
const HARMLESS = new Set([".git", ".hg", ".idea", ".vscode", ".DS_Store", "Thumbs.db"]);

/**
 * Throws where the directory has something in it that a project would be mixed with or would replace.
 *
 * @param paths of the project's files, in the directory and with `/`.
 * @throws Problem
 */
export function checkTarget(target: string, paths: readonly string[], overwrite: boolean): void {
  if (!existsSync(target)) {
    if (lstatSync(target, { throwIfNoEntry: false })) throw directoryIsBrokenLink(target);
    return;
  }
  if (!statSync(target).isDirectory()) throw directoryIsFile(target);
  const present = readdirSync(target).filter((name) => !HARMLESS.has(name));
  if (present.length === 0) return;
  if (!overwrite) throw directoryIsNotEmpty(target, present);
  const folders = new Set(paths.flatMap(foldersAbove));
  const notFolders = [...folders].filter((path) => kindOf(join(target, path)) === "other");
  if (notFolders.length > 0) throw noDirectoryThere(target, notFolders);
  const notFiles = paths.filter((path) => kindOf(join(target, path)) === "directory");
  if (notFiles.length > 0) throw noFileThere(target, notFiles);
}

/** A link counts as what it is: what it leads to may lie elsewhere. */
function kindOf(path: string): "directory" | "other" | undefined {
  try {
    return lstatSync(path).isDirectory() ? "directory" : "other";
  } catch {
    return undefined;
  }
}

function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === "." ? [] : [...foldersAbove(above), above];
}
