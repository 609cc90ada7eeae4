import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
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
  dev = spawn(process.execPath, [script, folder], {
    // .env is looked for where it is run.
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
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
  // Nothing runs that could go on.
  expect(output).not.toContain("goes on");
  expect(existsSync(join(folder, "dist"))).toBe(false);
  write("src/greeting.ts", 'export const greeting = "Hello";');
  await says("Hello Ada");
});

/** Goes on with a .env, and ends without one. */
const reader = `
declare const console: { log(...words: unknown[]): void };
declare const process: { loadEnvFile(): void; exit(code: number): never; readonly env: Record<string, string | undefined> };
declare function setInterval(action: () => void, ms: number): unknown;
try {
  process.loadEnvFile();
} catch {
  process.exit(3);
}
console.log("Hello", process.env.WHOM);
setInterval(() => undefined, 60_000);
`;

test("a change of .env restarts it", async () => {
  write(".env", "WHOM=Ada");
  write("src/main.ts", reader);
  start();
  await says("Hello Ada");
  write(".env", "WHOM=Bobby");
  await says("Hello Bobby");
  expect(output).toContain(".env has changed.");
});

test("a .env that comes later starts what could not start without it, and how that ended is said", async () => {
  write("src/main.ts", reader);
  start();
  await says("The application ended with code 3. Waiting for a change.");
  write(".env", "WHOM=Ada");
  await says("Hello Ada");
});

test("what is killed is missed, and what is restarted is not", async () => {
  write("src/main.ts", deafProgram("The first"));
  start();
  await says("The first runs as ");
  write("src/main.ts", deafProgram("The second"));
  const second = await says("The second runs as ");
  expect(output).not.toContain("The application ended");
  process.kill(Number(second), "SIGKILL");
  await says("The application ended by SIGKILL. Waiting for a change.");
  write("src/main.ts", deafProgram("The third"));
  await says("The third runs as ");
});

test("a file that is renamed is one restart, and no error", async () => {
  write("src/main.ts", program("Ada"));
  write("src/greeting.ts", 'export const greeting = "Hello";');
  write("src/other.ts", "export const other = 1;");
  start();
  await says("Hello Ada");
  await says("The application ended");
  output = "";
  renameSync(join(folder, "src/other.ts"), join(folder, "src/another.ts"));
  await says("Hello Ada");
  expect(output).not.toMatch(/TS6053|compiles/);
  expect(readdirSync(join(folder, "dist")).sort()).toEqual(["another.js", "greeting.js", "main.js"]);
});
