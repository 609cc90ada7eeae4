import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inWordsOf, type PackageManager } from "./package-manager";
import type { NewFile } from "./write-files";

/** Settings of one package manager alone. */
const settingsOf: Readonly<Record<string, PackageManager>> = {
  "pnpm-workspace.yaml": "pnpm",
  ".yarnrc.yml": "yarn",
};

/** The files of a project, as they are written. */
export function planFiles(
  folder: string,
  project: { readonly name: string; readonly packageManager: PackageManager },
): NewFile[] {
  const files = pathsIn(folder)
    .sort()
    .filter((path) => (settingsOf[path] ?? project.packageManager) === project.packageManager)
    .map((path) => planFile(path, readFileSync(join(folder, path)), project));
  const example = files.find(({ path }) => path === ".env.example");
  if (example !== undefined) files.push({ path: ".env", content: example.content });
  // Without one, yarn takes a project below another one for a forgotten part of it, and refuses.
  if (project.packageManager === "yarn") files.push({ path: "yarn.lock", content: "" });
  return files;
}

/** Folder by folder: `yarn create` runs this out of an archive, of which it cannot list all at once. */
function pathsIn(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? pathsIn(folder, `${below}${entry.name}/`) : [`${below}${entry.name}`],
  );
}

function planFile(
  path: string,
  content: Buffer,
  { name, packageManager }: { readonly name: string; readonly packageManager: PackageManager },
): NewFile {
  // npm leaves every .gitignore out of a package.
  if (path === "_gitignore") return { path: ".gitignore", content };
  if (basename(path) === "package.json") {
    const folder = dirname(path);
    const own = folder === "." ? name : `${name}-${folder}`;
    const { allowScripts, ...manifest } = JSON.parse(content.toString()) as Record<string, unknown>;
    // npm's words for what pnpm-workspace.yaml says.
    const settings = packageManager === "npm" ? { allowScripts } : {};
    return { path, content: `${JSON.stringify({ name: own, ...manifest, ...settings }, undefined, 2)}\n` };
  }
  if (path === "README.md" || path === "AGENTS.md") {
    const text = content.toString().replace(/^# .*$/m, `# ${name}`);
    return { path, content: inWordsOf(packageManager, text) };
  }
  return { path, content };
}
