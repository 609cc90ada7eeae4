// Compiles what changes, and starts the application anew when it compiles, or when .env has changed. With the compiler, and not with esbuild or
// tsx: those write no types for constructor injection. Which folder, says the first argument; without one, this.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync, unwatchFile, watchFile } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import "./clean.mjs";

// How long what runs may take to end by itself; then its sessions are cut. Vernal takes a signal that comes within half a
// second of another one for the same.
const PATIENCE_MS = 600;
// Until it is killed: an endless loop hears no signal.
const LAST_MS = 1200;
// The application reads it when it starts.
const SETTINGS = ".env";
const SETTINGS_INTERVAL_MS = 300;

const folder = process.argv[2] ?? ".";
const dist = join(folder, "dist");
let application;
let compiles = false;
let restarts = Promise.resolve();
let stopping;
let endingSince;

console.log("Compiling ...");
const watch = watchSources();
// By asking again and again: it may not be there yet, and editors put another file in its place.
watchFile(SETTINGS, { interval: SETTINGS_INTERVAL_MS }, onSettings);

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
    // Else a folder is looked at a second after a file of it has gone, and in between that file is missed.
    { synchronousWatchDirectory: true },
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
  compiles = errors === 0;
  if (compiles) restarts = restarts.then(restart);
  else
    console.log(
      isRunning() ? "Waiting until this compiles; what runs goes on." : "Waiting until this compiles.",
    );
}

function onSettings() {
  // Else it starts with them as soon as it compiles.
  if (!compiles) return;
  console.log(`${SETTINGS} has changed.`);
  restarts = restarts.then(restart);
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
  const started = spawn(process.execPath, ["--enable-source-maps", join(dist, "main.js")], {
    stdio: "inherit",
  });
  application = started;
  started.once("exit", (code, signal) => {
    if (started === stopping || endingSince !== undefined) return;
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    console.log(`The application ended ${how}. Waiting for a change.`);
  });
}

function isRunning() {
  return application !== undefined && application.exitCode === null && application.signalCode === null;
}

async function stop() {
  if (!isRunning()) return;
  stopping = application;
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
  unwatchFile(SETTINGS, onSettings);
  await restarts;
  await stop();
  process.exit(0);
}
