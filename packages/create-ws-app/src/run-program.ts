import { spawn } from "node:child_process";
import { programCannotStart, programEndedBy, programFailed, programIsMissing } from "./errors";
import type { Interruption } from "./interruption";
import { asWindowsStarts, endTreeOnWindows, isFile } from "./windows-program";

/**
 * Runs a program, and gives what went wrong with it as a sentence; `undefined` where nothing did.
 *
 * @param options.isQuiet its output is not shown, and its errors are a part of that sentence.
 * @throws Interrupted
 */
export function runProgram(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly interruption: Interruption;
    readonly isQuiet?: boolean;
  },
): Promise<string | undefined> {
  const { cwd, env = process.env, interruption, isQuiet = false } = options;
  const { signal, impatience } = interruption;
  signal.throwIfAborted();
  const onWindows = process.platform === "win32";
  const start = onWindows
    ? asWindowsStarts(command, args, env, isFile)
    : { file: command, args, shell: false };
  if (start === undefined) return Promise.resolve(programIsMissing(command));
  return new Promise((resolve, reject) => {
    const child = spawn(start.file, start.args, {
      cwd,
      env: onWindows ? { ...env, NoDefaultCurrentDirectoryInExePath: "1" } : env,
      stdio: isQuiet ? ["ignore", "ignore", "pipe"] : "inherit",
      shell: start.shell,
    });
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const end = (by: NodeJS.Signals) => (onWindows ? endTreeOnWindows(child.pid) : child.kill(by));
    const endsSoon = () => end("SIGTERM");
    const endsNow = () => end("SIGKILL");
    signal.addEventListener("abort", endsSoon);
    impatience.addEventListener("abort", endsNow);
    child.on("error", (error: NodeJS.ErrnoException) =>
      resolve(
        error.code === "ENOENT" ? programIsMissing(command) : programCannotStart(command, error.message),
      ),
    );
    child.on("close", (code, by) => {
      signal.removeEventListener("abort", endsSoon);
      impatience.removeEventListener("abort", endsNow);
      interruption.noticeEnd(code, by);
      const line = [command, ...args].join(" ");
      if (signal.aborted) reject(signal.reason as Error);
      else if (by !== null) resolve(programEndedBy(line, by));
      else resolve(code === 0 ? undefined : programFailed(line, code ?? 1, errors.trim()));
    });
  });
}
