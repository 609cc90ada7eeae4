import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** As it is built. */
export const command = join(__dirname, "../dist/create-ws-app.js");

// Each test starts several processes, and on a busy machine each takes its time.
jest.setTimeout(30_000);

export interface Outcome {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** Lies outside of every repository. */
export function makeFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "create-ws-app-")));
}

/** Gives the projects in this folder what is installed here, as if it were installed for them. */
export function installIn(folder: string): void {
  symlinkSync(join(__dirname, "../../../node_modules"), join(folder, "node_modules"), "junction");
}

/** Without what the machine that tests may have set. */
export function environment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = ["CI", "NO_COLOR", "FORCE_COLOR", "npm_config_user_agent"];
  const others = Object.entries(process.env).filter(([name]) => !own.includes(name));
  return { ...Object.fromEntries(others), TERM: "xterm", ...changes };
}

/** Runs the command without a terminal. */
export async function run(
  cwd: string,
  args: readonly string[],
  { env = {}, onStart }: { env?: NodeJS.ProcessEnv; onStart?: (child: ChildProcess) => void } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  onStart?.(child);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { exitCode, out, err };
}

/** A path on which a package manager of this name is found first, which runs this line of a shell. */
export function pathWith(folder: string, name: string, line: string): string {
  const bin = join(folder, ".bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(bin, name), 0o755);
  return `${bin}${delimiter}${process.env["PATH"]}`;
}
