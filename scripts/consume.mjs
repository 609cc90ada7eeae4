import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { pack } from "./pack.mjs";
import { isMain, root, run, runNode } from "./repository.mjs";
import { setup } from "./setup.mjs";
import { tryOutside, twoAtATime } from "./trials.mjs";

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
// Run, and not imported: scripts/scaffold.mjs uses it.
const COMMAND = "create-ws-app";

/**
 * Uses the packages as their users do: packs them, looks the tarballs over, and installs them with npm into projects
 * outside of this repository, each of which starts a server, exchanges a message and has to end by itself.
 * `VERNAL_KEEP_CONSUMERS=1` leaves the projects where they are.
 */
export function consume() {
  return tryOutside("consumers", async (folder, check) => {
    const { ok, tarballs } = await check("tarballs", (show) => packAndLint(folder, show));
    if (!ok) return;
    await twoAtATime(Object.entries(consumers), ([name, commands]) =>
      check(name, (show) => useIn(join(folder, name), name, tarballs, commands, show)),
    );
  });
}

/** Packs what is published into `folder`, and looks it over; gives where each package lies in `tarballs`. */
async function packAndLint(folder, show) {
  const packed = await pack(folder, show);
  if (!packed.ok) return packed;
  show("publint and attw");
  const publint = "node_modules/publint/src/cli.js";
  const results = await Promise.all(
    Object.entries(packed.tarballs).flatMap(([name, tarball]) =>
      name === COMMAND
        ? // It has no types, and the scripts of its templates' pages look like broken modules, which is a warning.
          [runNode([publint, "run", tarball])]
        : [
            runNode([publint, "run", tarball, "--strict"]),
            runNode(["node_modules/@arethetypeswrong/cli/dist/index.js", tarball, "--format", "ascii"]),
          ],
    ),
  );
  const failed = results.filter(({ ok }) => !ok);
  return { ...packed, ok: failed.length === 0, output: failed.map(({ output }) => output).join("") };
}

async function useIn(project, name, tarballs, commands, show) {
  show("installing");
  cpSync(join(root, "scripts/consumers", name), project, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  const libraries = Object.entries(tarballs).filter(([each]) => each !== COMMAND);
  const packages = libraries.map(([each, tarball]) => [each, `file:${tarball}`]);
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
