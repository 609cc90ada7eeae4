// Compiles what changes, and starts the application anew when it compiles. With the compiler, and not with esbuild or
// tsx: those write no types for constructor injection. Which folder, says the first argument; without one, this.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import "./clean.mjs";

// How long what runs may take to end by itself; then its sessions are cut. Vernal takes a signal that comes within half a
// second of another one for the same.
const PATIENCE_MS = 600;
// Until it is killed: an endless loop hears no signal.
const LAST_MS = 1200;

const folder = process.argv[2] ?? ".";
const dist = join(folder, "dist");
let application;
let restarts = Promise.resolve();
let endingSince;

console.log("Compiling ...");
const watch = watchSources();

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);

/** Compiles, and does so again whenever something changes. */
function watchSources() {
  const config = join(folder, "tsconfig.build.json");
  const host = ts.createWatchCompilerHost(
    config,
    { preserveWatchOutput: true },
    ts.sys,
    ts.createEmitAndSemanticDiagnosticsBuilderProgram,
    print,
    onStatus,
  );
  const emit = host.afterProgramCreate;
  host.afterProgramCreate = (builder) => {
    emit(builder);
    const program = builder.getProgram();
    const sources = program.getRootFileNames().filter((name) => !/\.d\.[cm]?ts$/.test(name));
    const compiled = new Set(sources.map(compiledName));
    // The compiler writes what has changed. Another command may have removed all of it.
    if ([...compiled].some((file) => !existsSync(join(dist, file)))) program.emit();
    removeLeftovers(compiled);
  };
  const watch = ts.createWatchProgram(host);
  // The folders are watched from here on: what came while all was compiled for the first time, nobody would hear of.
  const known = new Set(watch.getProgram().getProgram().getRootFileNames());
  const { fileNames } = ts.getParsedCommandLineOfConfigFile(config, {}, host);
  if (fileNames.every((file) => known.has(file))) return watch;
  watch.close();
  return watchSources();
}

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

function compiledName(source) {
  return relative(join(folder, "src"), source).replace(/\.ts$/, ".js");
}

/** What was compiled from a file that is no longer there: the handler in it would still be found. */
function removeLeftovers(compiled) {
  // With `noEmitOnError`, nothing may have been written yet.
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true })) {
    if (/\.js(\.map)?$/.test(file) && !compiled.has(file.replace(/\.map$/, ""))) rmSync(join(dist, file));
  }
}

async function restart() {
  await stop();
  if (endingSince !== undefined) return;
  application = spawn(process.execPath, ["--enable-source-maps", join(dist, "main.js")], {
    stdio: "inherit",
  });
}

async function stop() {
  if (!application || application.exitCode !== null || application.signalCode !== null) return;
  const ended = new Promise((resolve) => application.once("exit", resolve));
  application.kill("SIGTERM");
  const timers = [
    // A second signal is the wish not to wait for the sessions.
    setTimeout(() => application.kill("SIGTERM"), PATIENCE_MS),
    setTimeout(() => application.kill("SIGKILL"), LAST_MS),
  ];
  await ended;
  timers.forEach(clearTimeout);
}

async function end() {
  if (endingSince !== undefined) {
    // A package manager passes on what the terminal has sent to this as well: one Ctrl-C is two signals.
    if (Date.now() - endingSince > PATIENCE_MS) application?.kill("SIGKILL");
    return;
  }
  endingSince = Date.now();
  watch.close();
  await restarts;
  await stop();
  process.exit(0);
}
