import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "./build.mjs";
import { consume } from "./consume.mjs";
import { jestArguments, jestEnvironment, kindsOfTests, missingPrograms } from "./outside-programs.mjs";
import { showingProgress } from "./progress.mjs";
import { root, runNode, tsc, workspaces } from "./repository.mjs";
import { scaffold } from "./scaffold.mjs";
import { setup } from "./setup.mjs";
import { twoAtATime } from "./trials.mjs";
import { buildSite } from "./site.mjs";

const steps = { build, lint, site, format, types, boundaries, docs, jest, consume, scaffold };
// Each of them keeps one core busy, and they have nothing to do with each other.
const together = ["lint", "site", "format", "types", "boundaries", "docs"];
const report = "node_modules/.cache/jest-report.json";
// The rows of each step.
const table = new Map();
let failed = false;

await main();

async function main() {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !(name in steps));
  if (unknown)
    throw new Error(`There is no step "${unknown}"; the steps are ${Object.keys(steps).join(", ")}.`);

  rmSync(join(root, report), { force: true });
  const chosen = Object.keys(steps).filter((name) => wanted.length === 0 || wanted.includes(name));
  for (const name of ["setup", ...chosen]) table.set(name, [[name, "not run"]]);
  const isReady =
    (await runStep("setup", setUp)) && (!chosen.includes("build") || (await runStep("build", build)));
  if (isReady) {
    await runTogether(chosen.filter((name) => together.includes(name)));
    for (const name of chosen) {
      if (name !== "build" && !together.includes(name)) await runStep(name, steps[name]);
    }
  }
  printTable();
  printJestCounts();
  if (failed) process.exitCode = 1;
}

function runTogether(names) {
  const running = new Set();
  return showingProgress(
    () => [...running].join(", "),
    () =>
      twoAtATime(names, async (name) => {
        running.add(name);
        await runStep(name, steps[name]);
        running.delete(name);
      }),
  );
}

async function runStep(name, step) {
  console.log(`> ${name}`);
  const started = performance.now();
  const {
    ok,
    output = "",
    rows = [],
  } = await step().catch(({ message }) => ({ ok: false, output: message }));
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  if (!ok) {
    failed = true;
    if (output) console.log(output.trimEnd());
  }
  console.log(`  ${name} ${ok ? "ok" : "FAILED"}, ${seconds}`);
  table.set(name, [[name, ok ? "ok" : "FAILED", seconds], ...rows]);
  return ok;
}

async function setUp() {
  await setup();
  return { ok: true };
}

/** Everything, tests included; the build has only seen what is published. */
async function types() {
  const results = [];
  for (const folder of workspaces()) results.push(await runNode([tsc, "-p", folder]));
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join("") };
}

/** Before the tests, some of which open it in a browser. */
function site() {
  return buildSite();
}

/** Imported when it is called, because it uses a package that the setup may have to install first. */
async function docs() {
  const { checkDocs } = await import("./docs.mjs");
  return checkDocs();
}

function lint() {
  return runNode(["node_modules/eslint/bin/eslint.js", "--max-warnings=0", "."]);
}

function format() {
  return runNode(["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."]);
}

function boundaries() {
  const cruiser = "node_modules/dependency-cruiser/bin/dependency-cruise.mjs";
  return runNode([cruiser, "packages", "apps", "--output-type", "err-long"]);
}

async function jest() {
  for (const { tests, name, cure, isRequired } of missingPrograms) {
    const kind = tests.toUpperCase();
    const skipped = `${kind} TESTS ARE SKIPPED: no ${name} found`;
    printFramed([isRequired ? `NO ${name} FOUND, and VERNAL_${kind}=required` : skipped, cure]);
  }
  const args = ["node_modules/jest/bin/jest.js", "--maxWorkers=2", "--json", `--outputFile=${report}`];
  mkdirSync(dirname(join(root, report)), { recursive: true });
  const { ok } = await runNode([...args, ...jestArguments], {
    stdio: ["ignore", "ignore", "inherit"],
    env: jestEnvironment,
  });
  const rows = missingPrograms.map(({ tests, isRequired, cure }) => [
    `  ${tests}`,
    isRequired ? "FAILED" : "SKIPPED",
    cure,
  ]);
  return { ok: ok && !missingPrograms.some(({ isRequired }) => isRequired), rows: [...jestRows(), ...rows] };
}

function jestRows() {
  const kinds = Object.fromEntries(["units", "sockets", ...kindsOfTests].map((kind) => [kind, []]));
  for (const file of readReport()?.testResults ?? []) {
    const special = kindsOfTests.find((kind) => file.name.endsWith(`.${kind}.test.ts`));
    const kind = special ?? (/[\\/]test[\\/]/.test(file.name) ? "sockets" : "units");
    kinds[kind].push(file);
  }
  return Object.entries(kinds)
    .filter(([, files]) => files.length > 0)
    .map(([kind, files]) => {
      const ok = files.every(({ status }) => status !== "failed");
      const seconds = files.reduce((sum, { startTime, endTime }) => sum + (endTime - startTime) / 1000, 0);
      return [`  ${kind}`, ok ? "ok" : "FAILED", `${seconds.toFixed(1)} s in ${files.length} files`];
    });
}

function readReport() {
  try {
    return JSON.parse(readFileSync(join(root, report), "utf8"));
  } catch {
    return undefined;
  }
}

function printFramed(lines) {
  const width = Math.max(...lines.map((line) => line.length));
  const edge = `+${"-".repeat(width + 2)}+`;
  console.log([edge, ...lines.map((line) => `| ${line.padEnd(width)} |`), edge].join("\n"));
}

function printTable() {
  console.log();
  const rows = [...table.values()].flat();
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  for (const [name, result, time = ""] of rows) {
    console.log(`${name.padEnd(width)}${result.padEnd(9)}${time}`.trimEnd());
  }
}

function printJestCounts() {
  const counts = readReport();
  if (!counts) return;
  // A file that could not even be loaded has no tests to count, and must not read as "0 failed".
  const failures = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  const skipped = counts.numPendingTests + counts.numTodoTests;
  console.log(`\n${counts.numPassedTests} passed, ${failures} failed, ${skipped} skipped`);
}
