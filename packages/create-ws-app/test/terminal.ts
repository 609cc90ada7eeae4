import { spawn, spawnSync } from "node:child_process";
import { command, environment } from "./command";

const LIMIT_MS = 20_000;

// `script` of util-linux gives a program a terminal; that of other systems has other options.
const canGiveTerminal = (spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "").includes(
  "util-linux",
);
export const onTerminal = canGiveTerminal ? test : test.skip;

/** Somebody at a terminal, who waits for a text before each answer. */
export async function sit(
  folder: string,
  args: readonly string[],
  dialogue: readonly (readonly [seen: string, typed: string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ exitCode: number | null; screen: string }> {
  const line = [process.execPath, command, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", line, "/dev/null"], {
    cwd: folder,
    env: environment({ NO_COLOR: "1", ...env }),
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const waiting = [...dialogue];
  let screen = "";
  let read = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const at = screen.indexOf(next[0], read);
      if (at === -1) break;
      read = at + next[0].length;
      waiting.shift();
      child.stdin.write(next[1]);
    }
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return { exitCode, screen };
}
