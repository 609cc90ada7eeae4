import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** TypeScript 7; the package named "typescript" is version 6, which the tools around it need. */
export const tsc = "node_modules/typescript7/bin/tsc";

export function readJson(...path) {
  return JSON.parse(readFileSync(join(root, ...path), "utf8"));
}

/** The folders of all packages, apps and templates and of the site, each after those it depends on. */
export function workspaces() {
  const templates = "packages/create-ws-app/templates";
  const groups = ["packages", "apps", templates, `${templates}/client-and-server`].flatMap((group) =>
    (existsSync(join(root, group)) ? readdirSync(join(root, group)) : []).map((name) => `${group}/${name}`),
  );
  const folders = [...groups, "docs"].filter((folder) => existsSync(join(root, folder, "package.json")));
  const manifests = new Map(folders.map((folder) => [folder, readJson(folder, "package.json")]));
  const ordered = new Set();
  const visit = (folder) => {
    const { dependencies, devDependencies, peerDependencies } = manifests.get(folder);
    const names = { ...dependencies, ...devDependencies, ...peerDependencies };
    manifests.delete(folder);
    for (const [other, { name }] of [...manifests]) {
      if (name in names && manifests.has(other)) visit(other);
    }
    ordered.add(folder);
  };
  for (const folder of folders) {
    if (manifests.has(folder)) visit(folder);
  }
  return [...ordered];
}

/**
 * Runs a program, at the root of the repository unless `cwd` says otherwise; `onOutput` gets its output as it comes.
 * What runs longer than `limitMs` has failed.
 */
export function run(command, args, { cwd = root, env, stdio = "pipe", limitMs, onOutput } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: stdio === "pipe" ? ["ignore", "pipe", "pipe"] : stdio,
      timeout: limitMs,
      // A server that is asked to end would do so, and look as if it had ended by itself.
      killSignal: "SIGKILL",
      // npm and npx are command files on Windows.
      shell: process.platform === "win32" && ["npm", "npx"].includes(command),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        output += text;
        onOutput?.(text);
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (limitMs && signal === "SIGKILL") output += `It did not end within ${limitMs / 1000} s.\n`;
      resolve({ ok: code === 0, output });
    });
  });
}

/** Runs a tool written for Node. */
export function runNode(args, options) {
  return run(process.execPath, args, options);
}

export function isMain(url) {
  return realpathSync(process.argv[1]) === fileURLToPath(url);
}
