import { spawn } from "node:child_process";

/**
 * Runs a program of which the person sees everything, and gives its exit code; `undefined` where there is no such program.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: "inherit",
      // Package managers are command files on Windows.
      shell: process.platform === "win32",
    });
    const onAbort = () => child.kill("SIGTERM");
    signal.addEventListener("abort", onAbort);
    child.on("error", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(undefined);
    });
    child.on("close", (code) => {
      // Ctrl-C reaches both processes, and the news that the other one has ended may come first.
      setImmediate(() => {
        signal.removeEventListener("abort", onAbort);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve(code ?? 1);
      });
    });
  });
}
