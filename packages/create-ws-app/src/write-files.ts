import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

export interface NewFile {
  /** In the directory, with `/`. */
  readonly path: string;
  readonly content: Buffer | string;
}

/**
 * Writes all of these files, or none where it is interrupted or fails: into a temporary folder first, out of which they are
 * moved in one go. A directory that is not there yet appears whole.
 */
export async function writeFiles(
  target: string,
  files: readonly NewFile[],
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

/** No signal gets in between, because nothing is awaited; what fails is undone. */
function moveFiles(from: string, to: string, files: readonly NewFile[]): void {
  const replaced = join(from, "replaced");
  const undo: (() => void)[] = [];
  const move = (source: string, destination: string) => {
    const made = mkdirSync(dirname(destination), { recursive: true });
    if (made !== undefined) undo.unshift(() => rmSync(made, { recursive: true }));
    renameSync(source, destination);
    undo.unshift(() => renameSync(destination, source));
  };
  try {
    for (const { path } of files) {
      const destination = join(to, path);
      if (lstatSync(destination, { throwIfNoEntry: false })) move(destination, join(replaced, path));
      move(join(from, path), destination);
    }
  } catch (error) {
    for (const step of undo) step();
    throw error;
  }
  rmSync(from, { recursive: true });
}
