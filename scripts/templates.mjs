import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readJson, root, workspaces } from "./repository.mjs";

const own = "packages/create-ws-app";

// What each template is made of; the later ones count more.
const sources = {
  chat: [`${own}/every-project`, "apps/chat", `${own}/templates/chat`],
  minimal: [`${own}/every-project`, `${own}/templates/minimal`],
  express: [`${own}/every-project`, `${own}/templates/express`],
};

/** What belongs to the work on a template here, and not to a project. */
const left = [
  /^(node_modules|dist|data|coverage)$/,
  // Written as _gitignore in every-project, because npm packs no .gitignore.
  /^\.gitignore$/,
  /^tsconfig.*\.json$/,
  // They need a Chromium.
  /\.browser\.test\.ts$/,
  /^visitor\.ts$/,
];

/** Puts the templates together, as they travel in the package. */
export function assembleTemplates(target) {
  rmSync(target, { recursive: true, force: true });
  for (const [name, [every, ...folders]] of Object.entries(sources)) {
    const project = join(target, name);
    mkdirSync(project, { recursive: true });
    cpSync(join(root, every), project, { recursive: true });
    for (const folder of folders.map((each) => join(root, each))) {
      const filter = (path) => path === folder || !left.some((pattern) => pattern.test(basename(path)));
      cpSync(folder, project, { recursive: true, filter });
    }
    const manifest = manifestOf([every, ...folders]);
    writeFileSync(join(project, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}

/** Without a name: that is the project's own. */
function manifestOf(folders) {
  const manifests = folders
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => readJson(folder, "package.json"));
  const merged = (key) => Object.assign({}, ...manifests.map((manifest) => manifest[key]));
  const [every] = manifests;
  return {
    version: "0.1.0",
    private: true,
    description: manifests.at(-1).description,
    type: "commonjs",
    engines: every.engines,
    scripts: every.scripts,
    dependencies: published(merged("dependencies")),
    devDependencies: published(merged("devDependencies")),
    jest: every.jest,
  };
}

/** In alphabetical order, and with the versions that the words of the workspace stand for. */
function published(dependencies) {
  const catalog = readCatalog();
  const versions = new Map(
    workspaces()
      .map((folder) => readJson(folder, "package.json"))
      .map(({ name, version }) => [name, version]),
  );
  const versionOf = (name, range) => {
    if (range.startsWith("workspace:")) return `^${versions.get(name)}`;
    if (range !== "catalog:") return range;
    if (catalog.has(name)) return catalog.get(name);
    throw new Error(`pnpm-workspace.yaml has no ${name} in its catalog.`);
  };
  const names = Object.keys(dependencies).sort();
  return Object.fromEntries(names.map((name) => [name, versionOf(name, dependencies[name])]));
}

function readCatalog() {
  const text = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");
  const [, section = ""] = /^catalog:\n((?: .*\n)+)/m.exec(text) ?? [];
  const entries = section.matchAll(/^ {2}"?([^"#\s:]+)"?: (\S+)$/gm);
  return new Map([...entries].map(([, name, range]) => [name, range]));
}
