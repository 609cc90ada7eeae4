import { randomBytes } from "node:crypto";
import { chmodSync, constants, copyFileSync, existsSync, lstatSync, mkdirSync } from "node:fs";
import { readFileSync, renameSync, rmSync, rmdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileHasChanged, filesArePresent, notPutBack } from "./errors";
import { patiently } from "./patiently";

export interface NewFile {
  /** In the directory, with `/`. */
  readonly path: string;
  readonly content: Buffer | string;
  /** What is there so far, of a file that is changed: it is only replaced where that is still so. */
  readonly was?: string;
}

interface UndoStep {
  readonly path: string;
  readonly run: () => void;
}

/**
 * Writes all of these files, or none where it is interrupted or fails: into a temporary folder first, out of which they are
 * moved in one go. A directory that is not there yet appears whole.
 *
 * @param options.overwrite whether a file that is there is replaced.
 * @returns the temporary folder, where it could not be removed afterwards.
 * @throws Problem for what has come there, or changed, since it was looked at; what the system says; the signal's reason.
 */
export async function writeFiles(
  target: string,
  files: readonly NewFile[],
  { overwrite, signal }: { readonly overwrite: boolean; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const isNew = !existsSync(target);
  const parent = dirname(target);
  const firstNew = firstMissing(parent);
  const suffix = randomBytes(4).toString("hex");
  // Inside of a directory that is there: the one around it may not be ours to write into.
  const temporary = isNew
    ? join(parent, `.${basename(target)}-${suffix}`)
    : join(target, `.create-ws-app-${suffix}`);
  const undo: UndoStep[] = [];
  try {
    mkdirSync(parent, { recursive: true });
    for (const { path, content } of files) {
      signal.throwIfAborted();
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), content);
    }
    signal.throwIfAborted();
    // No signal gets in between, because nothing is awaited.
    if (isNew) patiently(() => renameSync(temporary, target));
    else for (const file of files) moveFile(file, { from: temporary, to: target, overwrite, undo });
  } catch (error) {
    const stuck = undo.filter((step) => !succeeds(step.run)).map(({ path }) => path);
    // Else what was there would be gone with it.
    if (stuck.length > 0) throw notPutBack(stuck, join(temporary, REPLACED), (error as Error).message);
    removeWhole(temporary);
    removeEmpty(parent, firstNew);
    throw error;
  }
  return isNew || removeWhole(temporary) ? undefined : temporary;
}

const REPLACED = "replaced";

function moveFile(
  { path, was }: NewFile,
  {
    from,
    to,
    overwrite,
    undo,
  }: { readonly from: string; readonly to: string; readonly overwrite: boolean; readonly undo: UndoStep[] },
): void {
  const source = join(from, path);
  const destination = join(to, path);
  const present = lstatSync(destination, { throwIfNoEntry: false });
  if (was !== undefined) {
    if (!present?.isFile() || readFileSync(destination, "utf8") !== was) throw fileHasChanged(path);
    chmodSync(source, present.mode);
  } else if (present !== undefined && !overwrite) {
    throw filesArePresent([path]);
  }
  const folder = dirname(destination);
  const firstNew = firstMissing(folder);
  undo.unshift({ path, run: () => removeEmpty(folder, firstNew) });
  mkdirSync(folder, { recursive: true });
  if (present !== undefined) {
    const replaced = join(from, REPLACED, path);
    mkdirSync(dirname(replaced), { recursive: true });
    patiently(() => renameSync(destination, replaced));
    undo.unshift({ path, run: () => patiently(() => renameSync(replaced, destination)) });
  }
  // Unlike a move, it never takes the place of what has just come there.
  copyFileSync(source, destination, constants.COPYFILE_EXCL);
  undo.unshift({ path, run: () => patiently(() => rmSync(destination)) });
}

function succeeds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function removeWhole(folder: string): boolean {
  return succeeds(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
}

/** Of a folder and those above it; before they are made, because that may fail in the middle. */
function firstMissing(folder: string): string | undefined {
  return existsSync(folder) ? undefined : (firstMissing(dirname(folder)) ?? folder);
}

/** Up to the one that was made first, and not those that somebody else has put something into. */
function removeEmpty(folder: string, first: string | undefined): void {
  if (first === undefined) return;
  const isGone = succeeds(() => rmdirSync(folder)) || !existsSync(folder);
  if (isGone && folder !== first) removeEmpty(dirname(folder), first);
}
