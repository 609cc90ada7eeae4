// Compiles what changes, and starts the application anew when it compiles. With the compiler, and not with esbuild or
// tsx: those write no types for constructor injection. Which folder, says the first argument; without one, this.
import { spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import "./clean.mjs";

// How long what runs may take to end by itself; then its sessions are cut.
const PATIENCE_MS = 300;

const folder = process.argv[2] ?? ".";
const dist = join(folder, "dist");
let application;
let restarts = Promise.resolve();
let isOver = false;

const host = ts.createWatchCompilerHost(
  join(folder, "tsconfig.build.json"),
  { preserveWatchOutput: true },
  ts.sys,
  ts.createEmitAndSemanticDiagnosticsBuilderProgram,
  print,
  onStatus,
);
const emit = host.afterProgramCreate;
host.afterProgramCreate = (program) => {
  emit(program);
  removeLeftovers(program.getProgram().getRootFileNames());
};
const watch = ts.createWatchProgram(host);

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);

/** @param errors of a compilation that has ended; `undefined` where one begins. */
function onStatus(_status, _newLine, _options, errors) {
  if (errors === undefined) return;
  if (errors === 0) restarts = restarts.then(restart);
  else console.log("Waiting until this compiles; what runs goes on.");
}

function print(diagnostic) {
  const isColourful = process.stdout.isTTY && !process.env.NO_COLOR;
  const format = isColourful ? ts.formatDiagnosticsWithColorAndContext : ts.formatDiagnostics;
  const formatHost = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: ts.sys.getCurrentDirectory,
    getNewLine: () => "\n",
  };
  console.log(format([diagnostic], formatHost).trimEnd());
}

/** What was compiled from a file that is no longer there: the handler in it would still be found. */
function removeLeftovers(sources) {
  const compiled = new Set(
    sources.map((file) => relative(join(folder, "src"), file).replace(/\.ts$/, ".js")),
  );
  for (const file of readdirSync(dist, { recursive: true })) {
    if (/\.js(\.map)?$/.test(file) && !compiled.has(file.replace(/\.map$/, ""))) rmSync(join(dist, file));
  }
}

async function restart() {
  await stop();
  if (isOver) return;
  application = spawn(process.execPath, ["--enable-source-maps", join(dist, "main.js")], {
    stdio: "inherit",
  });
}

async function stop() {
  if (!application || application.exitCode !== null || application.signalCode !== null) return;
  const ended = new Promise((resolve) => application.once("exit", resolve));
  application.kill("SIGTERM");
  // A second signal is the wish not to wait for the sessions.
  const impatience = setTimeout(() => application.kill("SIGTERM"), PATIENCE_MS);
  await ended;
  clearTimeout(impatience);
}

async function end() {
  if (isOver) return;
  isOver = true;
  watch.close();
  await restarts;
  await stop();
  process.exit(0);
}
