import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Problem } from "./problem";
import type { ProjectFile } from "./templates";

/** What may be there already: an empty repository, and what file managers leave behind. */
const HARMLESS = new Set([".git", ".DS_Store", "Thumbs.db"]);
const NAMED = 8;

/**
 * Throws where the directory has something in it that a project would be mixed with or would replace.
 *
 * @throws Problem
 */
export function checkTarget(target: string, files: readonly ProjectFile[], overwrite: boolean): void {
  if (!existsSync(target)) return;
  if (!isDirectory(target)) throw new Problem(`${target} is a file.`);
  const present = readdirSync(target).filter((name) => !HARMLESS.has(name));
  if (present.length === 0) return;
  if (!overwrite) {
    throw new Problem(
      `${target} is not empty: ${listed(present)}. Choose another directory, or add --overwrite to replace files of the same name.`,
    );
  }
  const blocked = files.map(({ path }) => path).filter((path) => isDirectory(join(target, path)));
  if (blocked.length > 0) {
    throw new Problem(
      `${target} has a directory where a file has to be, which --overwrite does not replace: ${listed(blocked)}.`,
    );
  }
}

/**
 * Writes into a temporary folder first, so that an interrupted or failed one leaves nothing behind. Where there is no
 * directory yet, it appears whole.
 */
export async function writeProject(
  target: string,
  files: readonly ProjectFile[],
  signal: AbortSignal,
): Promise<void> {
  const isNew = !existsSync(target);
  const madeParent = isNew ? mkdirSync(dirname(target), { recursive: true }) : undefined;
  const suffix = randomBytes(4).toString("hex");
  // Inside of a directory that is there: the one around it may not be ours to write into.
  const temporary = isNew
    ? join(dirname(target), `.${basename(target)}-${suffix}`)
    : join(target, `.create-ws-app-${suffix}`);
  try {
    for (const { path, content } of files) {
      signal.throwIfAborted();
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), content);
    }
    signal.throwIfAborted();
    if (isNew) renameSync(temporary, target);
    else moveFiles(temporary, target, files);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (madeParent !== undefined) rmSync(madeParent, { recursive: true, force: true });
    throw error;
  }
}

function moveFiles(from: string, to: string, files: readonly ProjectFile[]): void {
  for (const { path } of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    renameSync(join(from, path), join(to, path));
  }
  rmSync(from, { recursive: true });
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(", ");
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}
