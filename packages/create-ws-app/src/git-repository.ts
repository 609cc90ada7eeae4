import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Whether a directory, which need not be there yet, lies in a repository. git itself denies it where it does not trust the
 * owner, as in a container with a mounted repository.
 */
export function isInRepository(directory: string): boolean {
  if ([".git", ".hg"].some((name) => existsSync(join(directory, name)))) return true;
  const above = dirname(directory);
  return above !== directory && isInRepository(above);
}

/** Makes a repository; gives what went wrong. */
export function makeRepository(directory: string): string | undefined {
  const { status, stderr, error } = spawnSync("git", ["init", "--quiet"], {
    cwd: directory,
    encoding: "utf8",
  });
  if (error !== undefined) return "there is no git on this machine";
  return status === 0 ? undefined : stderr.trim();
}
