import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { win32 } from "node:path";

export interface Start {
  readonly file: string;
  readonly args: readonly string[];
  readonly shell: boolean;
}

/**
 * How a program is started on Windows, where package managers are command files, which only a shell runs; `undefined` where
 * it is not on the path. The shell would look into the current directory first, and say in its own words what it misses.
 *
 * @param args without anything that a shell reads as more than a word: they are ours.
 */
export function asWindowsStarts(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  isThere: (path: string) => boolean,
): Start | undefined {
  const valueOf = (name: string) =>
    Object.entries(env).find(([each]) => each.toUpperCase() === name)?.[1] ?? "";
  const folders = valueOf("PATH")
    .split(";")
    .map((folder) => folder.replace(/^"(.*)"$/, "$1"))
    .filter((folder) => win32.isAbsolute(folder));
  const endings = (valueOf("PATHEXT") || ".COM;.EXE;.BAT;.CMD").split(";");
  const file = folders
    .flatMap((folder) => endings.map((ending) => win32.join(folder, command + ending.toLowerCase())))
    .find(isThere);
  if (file === undefined) return undefined;
  if (!/\.(cmd|bat)$/.test(file)) return { file, args, shell: false };
  // As one text: Node.js warns of arguments that it would only put together.
  return { file: [`"${file}"`, ...args].join(" "), args: [], shell: true };
}

/** With all that it has started: to end the shell alone leaves the package manager running. */
export function endTreeOnWindows(pid: number | undefined): void {
  if (pid === undefined) return;
  // Nobody waits for it: that the program has ended is seen at the program.
  spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" }).on("error", () => undefined);
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
