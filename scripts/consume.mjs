import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { showingProgress } from "./progress.mjs";
import { isMain, readJson, root, run, runNode, workspaces } from "./repository.mjs";
import { setup } from "./setup.mjs";

const compile = ["node_modules/typescript/bin/tsc", "-p", "."];

// The projects in scripts/consumers, the slowest first, and what each runs once it is installed.
const consumers = {
  jest: [compile, ["node_modules/jest/bin/jest.js"]],
  "testing-vitest": [compile, ["node_modules/vitest/vitest.mjs", "run"]],
  "testing-node": [compile, ["--test", "dist/greeting-handler.test.js"]],
  "typescript-commonjs": [compile, ["dist/main.js"]],
  "typescript-modules": [compile, ["dist/main.js"]],
  "older-tsyringe": [compile, ["dist/main.js"]],
  "shared-tsyringe": [compile, ["dist/main.js"]],
  "javascript-modules": [["main.mjs"]],
};
const limitMs = 60_000;

/**
 * Uses the packages as their users do: packs them, looks the tarballs over, and installs them with npm into projects
 * outside of this repository, each of which starts a server, exchanges a message and has to end by itself.
 * `VERNAL_KEEP_CONSUMERS=1` leaves the projects where they are.
 */
export async function consume() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "vernal-consumers-")));
  // Also after Ctrl-C.
  const onSignal = () => process.exit(1);
  const tidy = () => {
    if (!process.env.VERNAL_KEEP_CONSUMERS) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on("exit", tidy).on("SIGINT", onSignal).on("SIGTERM", onSignal);
  if (process.env.VERNAL_KEEP_CONSUMERS) console.log(`  the projects stay in ${folder}`);
  try {
    return await consumeIn(folder);
  } finally {
    process.off("exit", tidy).off("SIGINT", onSignal).off("SIGTERM", onSignal);
    tidy();
  }
}

function consumeIn(folder) {
  // What is going on, by project.
  const activities = new Map();
  const describe = () => [...activities].map(([name, activity]) => `${name}: ${activity}`).join(", ");
  return showingProgress(describe, async (print) => {
    const results = [];
    const check = async (name, work) => {
      const started = performance.now();
      const { ok, output } = await work((activity) => activities.set(name, activity));
      activities.delete(name);
      const row = [
        `  ${name}`,
        ok ? "ok" : "FAILED",
        `${((performance.now() - started) / 1000).toFixed(1)} s`,
      ];
      print(`${row.join(" ")}\n`);
      results.push({ ok, output: ok ? "" : `--- ${name}\n${output}`, row });
      return ok;
    };

    const tarballs = {};
    const packed = await check("tarballs", (show) => packAndLint(folder, tarballs, show));
    if (packed) {
      await twoAtATime(Object.entries(consumers), ([name, commands]) =>
        check(name, (show) => useIn(join(folder, name), name, tarballs, commands, show)),
      );
    }
    return {
      ok: results.every(({ ok }) => ok),
      output: results.map(({ output }) => output).join(""),
      rows: results.map(({ row }) => row),
    };
  });
}

/** Packs what is published into `folder`, and writes into `tarballs` where each package lies. */
async function packAndLint(folder, tarballs, show) {
  const { packageManager } = readJson("package.json");
  for (const workspace of workspaces()) {
    const { name, version, private: isPrivate } = readJson(workspace, "package.json");
    if (isPrivate) continue;
    show(`packing ${name}`);
    const args = ["--yes", packageManager, "pack", "--pack-destination", folder];
    const packed = await run("npx", args, { cwd: join(root, workspace) });
    if (!packed.ok) return packed;
    tarballs[name] = join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  }
  show("publint and attw");
  const results = await Promise.all(
    Object.values(tarballs).flatMap((tarball) => [
      runNode(["node_modules/publint/src/cli.js", "run", tarball, "--strict"]),
      runNode(["node_modules/@arethetypeswrong/cli/dist/index.js", tarball, "--format", "ascii"]),
    ]),
  );
  const failed = results.filter(({ ok }) => !ok);
  return { ok: failed.length === 0, output: failed.map(({ output }) => output).join("") };
}

async function useIn(project, name, tarballs, commands, show) {
  show("installing");
  cpSync(join(root, "scripts/consumers", name), project, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  const packages = Object.entries(tarballs).map(([each, tarball]) => [each, `file:${tarball}`]);
  manifest.dependencies = { ...manifest.dependencies, ...Object.fromEntries(packages) };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const installed = await run("npm", install, { cwd: project });
  if (!installed.ok) return installed;

  for (const command of commands) {
    show(command === compile ? "compiling" : "running");
    const result = await runNode(command, { cwd: project, limitMs });
    if (!result.ok) return { ok: false, output: `node ${command.join(" ")}\n${result.output}` };
  }
  return { ok: true };
}

async function twoAtATime(items, work) {
  const waiting = [...items];
  const worker = async () => {
    while (waiting.length > 0) await work(waiting.shift());
  };
  await Promise.all([worker(), worker()]);
}

if (isMain(import.meta.url)) {
  try {
    await setup();
    const built = await build();
    const { ok, output } = built.ok ? await consume() : built;
    process.stdout.write(output);
    if (!ok) process.exitCode = 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
