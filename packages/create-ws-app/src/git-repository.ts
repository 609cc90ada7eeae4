import { existsSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Interruption } from "./interruption";
import { runProgram } from "./run-program";

/** In the environment of a hook; with one of them, git would make another repository, or a part of it elsewhere. */
const OF_ANOTHER = ["GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"];

/**
 * Whether a directory, which need not be there yet, lies in a repository. git itself denies it where it does not trust the
 * owner, as in a container with a mounted repository.
 */
export function isInRepository(directory: string): boolean {
  const above = dirname(directory);
  if (!existsSync(directory)) return above !== directory && isInRepository(above);
  // A link is where it leads to, for git as well.
  return hasRepositoryAbove(realpathSync(directory));
}

function hasRepositoryAbove(directory: string): boolean {
  if ([".git", ".hg"].some((name) => existsSync(join(directory, name)))) return true;
  const above = dirname(directory);
  return above !== directory && hasRepositoryAbove(above);
}

/**
 * Makes a repository, whole or not at all; gives what went wrong.
 *
 * @throws Interrupted
 */
export async function makeRepository(
  directory: string,
  interruption: Interruption,
): Promise<string | undefined> {
  const repository = join(directory, ".git");
  const settings = Object.entries(process.env).filter(([name]) => !OF_ANOTHER.includes(name));
  let isWhole = existsSync(repository);
  try {
    const problem = await runProgram("git", ["init", "--quiet"], {
      cwd: directory,
      env: Object.fromEntries(settings),
      interruption,
      isQuiet: true,
    });
    isWhole ||= problem === undefined;
    return problem;
  } finally {
    if (!isWhole) rmSync(repository, { recursive: true, force: true });
  }
}
