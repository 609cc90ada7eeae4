import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { inWordsOf, type PackageManager } from "./package-manager";
import { Problem } from "./problem";

export interface Template {
  readonly name: string;
  readonly description: string;
  /** What to do once it runs. */
  readonly firstStep: string;
}

/** The first one is the default. */
export const templates: readonly [Template, ...Template[]] = [
  {
    name: "chat",
    description: "rooms, history and reconnection, with a page",
    firstStep: "Open http://localhost:8080 in two tabs.",
  },
  {
    name: "minimal",
    description: "one handler, one test",
    firstStep: "README.md says how to talk to it.",
  },
  {
    name: "express",
    description: "handlers on the server of an express application",
    firstStep: "Open http://localhost:8080.",
  },
  {
    name: "client-and-server",
    description: "a page and its server in one workspace",
    firstStep: "Open http://localhost:8080 in two tabs, and vote.",
  },
];

export interface ProjectFile {
  /** In the project, with `/`. */
  readonly path: string;
  readonly content: Buffer | string;
}

/** @throws Problem */
export function findTemplate(name: string): Template {
  const found = templates.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new Problem(
    `There is no template "${name}"; there are ${templates.map((each) => each.name).join(", ")}.`,
  );
}

/** The files of a project, as they are written. */
export function planFiles(
  folder: string,
  project: { readonly name: string; readonly packageManager: PackageManager },
): ProjectFile[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
    // Settings of pnpm alone.
    .filter((path) => path !== "pnpm-workspace.yaml" || project.packageManager === "pnpm")
    .map((path) => planFile(path.split(sep).join("/"), readFileSync(join(folder, path)), project));
  const example = files.find(({ path }) => path === ".env.example");
  if (example !== undefined) files.push({ path: ".env", content: example.content });
  return files;
}

function planFile(
  path: string,
  content: Buffer,
  { name, packageManager }: { readonly name: string; readonly packageManager: PackageManager },
): ProjectFile {
  // npm leaves every .gitignore out of a package.
  if (path === "_gitignore") return { path: ".gitignore", content };
  if (basename(path) === "package.json") {
    const folder = dirname(path);
    const own = folder === "." ? name : `${name}-${folder}`;
    const manifest = JSON.parse(content.toString()) as object;
    return { path, content: `${JSON.stringify({ name: own, ...manifest }, undefined, 2)}\n` };
  }
  if (path === "README.md" || path === "AGENTS.md") {
    const text = content.toString().replace(/^# .*$/m, `# ${name}`);
    return { path, content: inWordsOf(packageManager, text) };
  }
  return { path, content };
}
