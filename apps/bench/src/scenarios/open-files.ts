import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** How many files, and sockets, a process of ours may have open; Node takes all that the hard limit allows. */
export async function openFileLimit(): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)("sh", ["-c", "ulimit -Hn"]);
    const limit = Number(stdout.trim());
    return Number.isNaN(limit) ? Infinity : limit;
  } catch {
    // Windows has neither the shell nor the limit.
    return Infinity;
  }
}
