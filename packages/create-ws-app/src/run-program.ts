import { spawn } from "node:child_process";
import type { Interruption } from "./interruption";

/**
 * Runs a program of which the person sees everything, and gives its exit code; `undefined` where there is no such program.
 *
 * @throws Interrupted
 */
export function runProgram(
  command: string,
  args: readonly string[],
  {
    cwd,
    env,
    interruption,
  }: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly interruption: Interruption;
  },
): Promise<number | undefined> {
  const { signal, impatience } = interruption;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: "inherit",
      // Package managers are command files on Windows.
      shell: process.platform === "win32",
    });
    signal.addEventListener("abort", () => child.kill("SIGTERM"));
    impatience.addEventListener("abort", () => child.kill("SIGKILL"));
    child.on("error", () => resolve(undefined));
    child.on("close", (code, by) => {
      interruption.noticeEnd(code, by);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve(code ?? 1);
    });
  });
}
