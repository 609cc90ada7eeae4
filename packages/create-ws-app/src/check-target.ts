import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Problem } from "./problem";

/** What may be there already: an empty repository, and what editors and file managers leave behind. */
const HARMLESS = new Set([".git", ".hg", ".idea", ".vscode", ".DS_Store", "Thumbs.db"]);
const NAMED = 8;

/**
 * Throws where the directory has something in it that a project would be mixed with or would replace.
 *
 * @param paths of the project's files, in the directory and with `/`.
 * @throws Problem
 */
export function checkTarget(target: string, paths: readonly string[], overwrite: boolean): void {
  if (!existsSync(target)) {
    if (lstatSync(target, { throwIfNoEntry: false })) throw new Problem(`${target} is a link to nowhere.`);
    return;
  }
  if (!statSync(target).isDirectory()) throw new Problem(`${target} is a file.`);
  const present = readdirSync(target).filter((name) => !HARMLESS.has(name));
  if (present.length === 0) return;
  if (!overwrite) {
    throw new Problem(
      `${target} is not empty: ${listed(present)}. Choose another directory, or add --overwrite to replace files of the same name.`,
    );
  }
  const folders = new Set(paths.flatMap(foldersAbove));
  const notFolders = [...folders].filter((path) => kindOf(join(target, path)) === "other");
  if (notFolders.length > 0) {
    throw new Problem(
      `${target} has a file or a link where a directory has to be, which --overwrite does not replace: ${listed(notFolders)}.`,
    );
  }
  const foldersInTheWay = paths.filter((path) => kindOf(join(target, path)) === "directory");
  if (foldersInTheWay.length > 0) {
    throw new Problem(
      `${target} has a directory where a file has to be, which --overwrite does not replace: ${listed(foldersInTheWay)}.`,
    );
  }
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

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(", ");
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}
