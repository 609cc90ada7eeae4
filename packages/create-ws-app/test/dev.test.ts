import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { makeFolder } from "./command";

// The script runs in its own folder, where there is a compiler, on a project without dependencies.
const script = join(__dirname, "../every-project/scripts/dev.mjs");

let folder: string;
let dev: ChildProcessByStdio<null, Readable, null>;
let ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
let output: string;
let onOutput: () => void;

beforeEach(() => {
  folder = makeFolder();
  mkdirSync(join(folder, "src"));
  configure({});
});

afterEach(async () => {
  // With what it has started.
  if (dev.pid !== undefined && dev.exitCode === null && dev.signalCode === null) {
    process.kill(-dev.pid, "SIGKILL");
  }
  await ended;
  rmSync(folder, { recursive: true });
});

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

function configure(changes: object): void {
  const options = {
    rootDir: "src",
    outDir: "dist",
    module: "node20",
    lib: ["es2023"],
    types: [],
    ...changes,
  };
  const configuration = { compilerOptions: { ...options, skipLibCheck: true }, include: ["src"] };
  write("tsconfig.build.json", JSON.stringify(configuration));
}

/** Says its name and its process, and then nothing else, not even what it thinks of signals. */
const deafProgram = (name: string) => `
declare const console: { log(...words: unknown[]): void };
declare const process: { readonly pid: number; on(signal: string, listener: () => void): void };
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
console.log("${name} runs as", process.pid);
for (;;);
`;

const program = (words: string) => `
import { greeting } from "./greeting";
declare const console: { log(...words: unknown[]): void };
console.log(greeting, "${words}");
`;

function start(): void {
  output = "";
  onOutput = () => undefined;
  dev = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  ended = new Promise((resolve) => dev.on("exit", (...end) => resolve(end)));
  dev.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    onOutput();
  });
}

/** Waits until this is said, and gives the rest of the line. */
function says(text: string): Promise<string> {
  return new Promise((resolve) => {
    onOutput = () => {
      const [, rest] = new RegExp(`${text}(.*)\n`).exec(output) ?? [];
      if (rest !== undefined) resolve(rest);
    };
    onOutput();
  });
}

function isRunning(pid: string): boolean {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

test("an application that hears no signal is restarted all the same", async () => {
  write("src/main.ts", deafProgram("The first"));
  start();
  const first = await says("The first runs as ");
  write("src/main.ts", deafProgram("The second"));
  await says("The second runs as ");
  expect(isRunning(first)).toBe(false);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends such an application too", async (signal) => {
  write("src/main.ts", deafProgram("It"));
  start();
  const pid = await says("It runs as ");
  dev.kill(signal);
  expect(await ended).toEqual([0, null]);
  expect(isRunning(pid)).toBe(false);
});

test("what another command has removed from dist is there again after the next change", async () => {
  write("src/main.ts", program("Ada"));
  write("src/greeting.ts", 'export const greeting = "Hello";');
  start();
  await says("Hello Ada");
  rmSync(join(folder, "dist"), { recursive: true });
  write("src/main.ts", program("Bob"));
  await says("Hello Bob");
});

test("a change compiles one file, also where there are declarations, of which nothing is written", async () => {
  write("src/names.d.ts", "interface Named { readonly name: string }");
  write("src/main.ts", program("Ada"));
  write("src/greeting.ts", 'export const greeting = "Hello";');
  start();
  await says("Hello Ada");
  const { mtimeMs } = statSync(join(folder, "dist/greeting.js"));
  write("src/main.ts", program("Bob"));
  await says("Hello Bob");
  expect(statSync(join(folder, "dist/greeting.js")).mtimeMs).toBe(mtimeMs);
});

test("an error leaves it waiting, also where errors keep everything from being written", async () => {
  configure({ noEmitOnError: true });
  write("src/main.ts", program("Ada"));
  write("src/greeting.ts", 'export const greeting: number = "Hello";');
  start();
  await says("Waiting until this compiles");
  expect(existsSync(join(folder, "dist"))).toBe(false);
  write("src/greeting.ts", 'export const greeting = "Hello";');
  await says("Hello Ada");
});
