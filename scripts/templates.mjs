import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readJson, root, workspaces } from "./repository.mjs";

const own = "packages/create-ws-app";

// What each template is made of; the later ones count more.
const sources = {
  chat: [`${own}/every-project`, "apps/chat", `${own}/templates/chat`],
  minimal: [`${own}/every-project`, `${own}/templates/minimal`],
  express: [`${own}/every-project`, `${own}/templates/express`],
  "client-and-server": [`${own}/every-project`, `${own}/templates/client-and-server`],
};

// Where files of every project go in one of several packages.
const elsewhere = {
  "client-and-server": {
    "tsconfig.json": "server/tsconfig.json",
    "tsconfig.build.json": "server/tsconfig.build.json",
    "scripts/dev.mjs": "scripts/dev-server.mjs",
  },
};

/** What belongs to the work on a template here, and not to a project. */
const left = [
  /^(node_modules|dist|data|coverage)$/,
  // Written as _gitignore in every-project, because npm packs no .gitignore.
  /^\.gitignore$/,
  // They need a Chromium.
  /\.browser\.test\.ts$/,
  /-visitor\.ts$/,
];

/** One that stands on a file outside: every-project has it instead. */
const isBorrowed = (path) =>
  /^tsconfig.*\.json$/.test(basename(path)) && readFileSync(path, "utf8").includes('"extends": "../..');

/** Puts the templates together, as they travel in the package. */
export function assembleTemplates(target) {
  rmSync(target, { recursive: true, force: true });
  for (const [name, [every, ...folders]] of Object.entries(sources)) {
    const project = join(target, name);
    mkdirSync(project, { recursive: true });
    cpSync(join(root, every), project, { recursive: true });
    for (const [from, to] of Object.entries(elsewhere[name] ?? {})) {
      mkdirSync(dirname(join(project, to)), { recursive: true });
      renameSync(join(project, from), join(project, to));
    }
    for (const folder of folders.map((each) => join(root, each))) {
      const filter = (path) =>
        path === folder || !(left.some((pattern) => pattern.test(basename(path))) || isBorrowed(path));
      cpSync(folder, project, { recursive: true, filter });
    }
    writeManifests(project, [every, ...folders]);
    if (!existsSync(join(project, "public"))) leaveOutOfImage(project, "public");
  }
}

/** An image is not built where something to copy is not there. */
function leaveOutOfImage(project, folder) {
  const file = join(project, "Dockerfile");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(`COPY --from=build /app/${folder} ${folder}/\n`, ""),
  );
}

function writeManifests(project, folders) {
  const manifests = folders
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => readJson(folder, "package.json"));
  const merged = (key) => Object.assign({}, ...manifests.map((manifest) => manifest[key]));
  const [every] = manifests;
  const { description, workspaces, scripts } = manifests.at(-1);
  const packages = (workspaces ?? []).map((name) => [name, readJson(folders.at(-1), name, "package.json")]);
  for (const [name, { type, description, dependencies, devDependencies }] of packages) {
    const manifest = { description, type, dependencies, devDependencies, jest: every.jest };
    writeManifest(join(project, name), manifest);
  }
  // What one of the packages has is not at the root too.
  const their = new Set(packages.flatMap(([, manifest]) => Object.keys(manifest.devDependencies)));
  const devDependencies = Object.entries(merged("devDependencies")).filter(([name]) => !their.has(name));
  writeManifest(project, {
    description,
    type: "commonjs",
    workspaces,
    engines: every.engines,
    // A template of several packages has its own.
    scripts: workspaces ? scripts : every.scripts,
    dependencies: merged("dependencies"),
    devDependencies: Object.fromEntries(devDependencies),
    allowScripts: every.allowScripts,
    jest: workspaces ? { projects: workspaces.map((name) => `<rootDir>/${name}`) } : every.jest,
  });
  if (workspaces) {
    const settings = join(project, "pnpm-workspace.yaml");
    const list = workspaces.map((name) => `  - ${name}\n`).join("");
    writeFileSync(settings, `packages:\n${list}\n${readFileSync(settings, "utf8")}`);
  }
}

/** Without a name: that is the project's own. */
function writeManifest(folder, { dependencies, devDependencies, jest, ...others }) {
  const manifest = {
    version: "0.1.0",
    private: true,
    ...others,
    dependencies: published(dependencies),
    devDependencies: published(devDependencies),
    jest,
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** In alphabetical order, and with the versions that the words of the workspace stand for; nothing where there are none. */
function published(dependencies = {}) {
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
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, versionOf(name, dependencies[name])]));
}

function readCatalog() {
  const text = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");
  const [, section = ""] = /^catalog:\n((?: .*\n)+)/m.exec(text) ?? [];
  const entries = section.matchAll(/^ {2}"?([^"#\s:]+)"?: (\S+)$/gm);
  return new Map([...entries].map(([, name, range]) => [name, range]));
}
