import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** Whether a directory, which need not be there yet, lies in the work tree of a repository. */
export function isInRepository(directory: string): boolean {
  let existing = directory;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return git(["rev-parse", "--is-inside-work-tree"], existing).output === "true";
}

/** Makes a repository; gives what went wrong. */
export function makeRepository(directory: string): string | undefined {
  const { ok, output } = git(["init", "--quiet"], directory);
  return ok ? undefined : output;
}

function git(args: readonly string[], cwd: string): { ok: boolean; output: string } {
  const { status, stdout, stderr, error } = spawnSync("git", args, { cwd, encoding: "utf8" });
  if (error !== undefined) return { ok: false, output: "there is no git on this machine" };
  return { ok: status === 0, output: (status === 0 ? stdout : stderr).trim() };
}
