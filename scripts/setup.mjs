import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { showingProgress } from "./progress.mjs";
import { isMain, readJson, root, run, workspaces } from "./repository.mjs";

const stamp = join(root, "node_modules", ".vernal-setup");

/** Installs what is missing; costs nothing when nothing has changed. */
export async function setup() {
  const { engines, packageManager } = readJson("package.json");
  requireNode(engines.node.replace(">=", ""));
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint()) return;

  console.log(`Installing dependencies with ${packageManager} ...`);
  const { ok } = await showingProgress(
    () => "still installing",
    (onOutput) =>
      run("npx", ["--yes", packageManager, "install", "--config.confirmModulesPurge=false"], { onOutput }),
  );
  if (!ok) throw new Error("The installation failed. Is the package registry reachable?");
  writeFileSync(stamp, fingerprint());
}

function requireNode(minimum) {
  const [major, minor] = minimum.split(".").map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new Error(`Vernal needs Node.js ${minimum} or later; this is ${process.versions.node}.`);
}

function fingerprint() {
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"];
  files.push(...workspaces().map((folder) => `${folder}/package.json`));
  const hash = createHash("sha256");
  for (const file of files) {
    const path = join(root, file);
    hash.update(`${file}\n`).update(existsSync(path) ? readFileSync(path) : "");
  }
  return hash.digest("hex");
}

if (isMain(import.meta.url)) {
  await setup().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
