import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { templates } from "../src/templates";
import { makeFolder, run } from "./command";

// No container engine builds them here; what can be seen in the files is.

const names = templates.map(({ name }) => name);

let folder: string;

beforeAll(async () => {
  folder = makeFolder();
  for (const name of names) await run(folder, [name, "-t", name, "--no-install", "--no-git"]);
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Instruction {
  readonly word: string;
  readonly args: string;
}

interface Project {
  readonly stages: readonly (readonly Instruction[])[];
  readonly manifest: {
    readonly scripts: Readonly<Record<string, string>>;
    readonly workspaces?: readonly string[];
  };
  readonly has: (path: string) => boolean;
}

function read(name: string): Project {
  const file = (path: string) => readFileSync(join(folder, name, path), "utf8");
  const instructions = file("Dockerfile")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ word: line.split(" ", 1)[0] ?? "", args: line.slice(line.indexOf(" ") + 1) }));
  const starts = instructions.flatMap(({ word }, index) => (word === "FROM" ? [index] : []));
  return {
    stages: starts.map((start, index) => instructions.slice(start, starts[index + 1])),
    manifest: JSON.parse(file("package.json")) as Project["manifest"],
    has: (path) => existsSync(join(folder, name, path)),
  };
}

const argsOf = (stage: readonly Instruction[] = [], word: string) =>
  stage.filter((instruction) => instruction.word === word).map(({ args }) => args);

describe.each(names)("the Dockerfile of %s", (name) => {
  test("builds in one stage, and runs in another", () => {
    const { stages } = read(name);
    expect(stages.map((stage) => argsOf(stage, "FROM"))).toEqual([
      ["node:22-slim AS build"],
      ["node:22-slim"],
    ]);
    expect(argsOf(stages[0], "CMD")).toEqual([]);
  });

  test("takes along what runs, each to the same place, and neither source nor tests", () => {
    const { stages, manifest, has } = read(name);
    const copied = argsOf(stages[1], "COPY").map((args) => {
      const [, path = "", target] = /^--from=build \/app\/(\S+) (\S+)$/.exec(args) ?? [];
      const isFile = /\.\w+$/.test(path);
      expect([args, target]).toEqual([args, isFile ? `${dirname(path)}/` : `${path}/`]);
      return path;
    });
    const [program = ""] = /[\w/]*dist/.exec(manifest.scripts["start"] ?? "") ?? [];
    expect(copied).toEqual(
      expect.arrayContaining(["package.json", "node_modules", "scripts/health.mjs", program]),
    );
    expect(copied.includes("public")).toBe(has("public"));
    // The others are made while the image is built.
    expect(copied.filter((path) => !/(^|\/)(dist|node_modules)$/.test(path) && !has(path))).toEqual([]);
    expect(copied.filter((path) => /^\.|(^|\/)(src|test)(\/|$)/.test(path))).toEqual([]);
  });

  test("copies what is there, and the manifest of each package before it installs", () => {
    const { stages, manifest, has } = read(name);
    const [build = []] = stages;
    const installs = build.findIndex(({ word, args }) => word === "RUN" && args.startsWith("npm install"));
    expect(installs).toBeGreaterThan(0);
    const early = argsOf(build.slice(0, installs), "COPY").map((args) => args.split(" "));
    const sources = early.flatMap((words) => words.slice(0, -1));
    expect(sources.filter((path) => !path.endsWith("*") && !has(path))).toEqual([]);
    const manifests = ["", ...(manifest.workspaces ?? [])].map((each) => join(each, "package.json"));
    expect(sources.filter((path) => path.endsWith("package.json"))).toEqual(manifests);
    for (const [source = "", target = ""] of early.slice(1))
      expect(join(target, "package.json")).toBe(source);
    expect(argsOf(build.slice(installs), "COPY")).toEqual([". ."]);
  });

  test("takes along neither secrets nor what was built or installed here", () => {
    const ignored = readFileSync(join(folder, name, ".dockerignore"), "utf8").split("\n");
    expect(ignored).toEqual(expect.arrayContaining(["**/.env", ".git", "**/dist", "**/node_modules"]));
    // Each by itself, or at any depth.
    expect(ignored.filter((line) => line.includes("*") && !/^\*\*\/[.\w]+$/.test(line))).toEqual([]);
  });

  test("runs only scripts that there are, and drops what is for development when all is built", () => {
    const { stages, manifest } = read(name);
    const runs = stages.flatMap((stage) => argsOf(stage, "RUN"));
    const called = runs.flatMap((line) =>
      [...line.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script),
    );
    expect(called).toEqual(["build"]);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(called));
    expect(runs.filter((line) => /npm run build && npm prune --omit=dev$/.test(line))).toHaveLength(1);
  });

  test("runs what `npm start` runs, as somebody else than root, without npm between it and the signals", () => {
    const { stages, manifest } = read(name);
    const last = stages.at(-1) ?? [];
    const words = last.map(({ word }) => word);
    const [command] = argsOf(last, "CMD").map((args) => JSON.parse(args) as string[]);
    expect(command?.join(" ")).toBe(manifest.scripts["start"]);
    expect(argsOf(last, "USER")).toEqual(["node"]);
    // What comes after is done by that user.
    expect(words.indexOf("USER")).toBeGreaterThan(words.lastIndexOf("RUN"));
    expect(words.indexOf("USER")).toBeLessThan(words.indexOf("CMD"));
  });

  test("is asked for its health, on the port that it listens on", () => {
    const { stages, has } = read(name);
    const last = stages.at(-1) ?? [];
    const [health = ""] = argsOf(last, "HEALTHCHECK");
    const [program, script = ""] = JSON.parse(health.slice(health.indexOf("["))) as string[];
    expect([program, has(script)]).toEqual(["node", true]);
    const [port = ""] = argsOf(last, "EXPOSE");
    expect(argsOf(last, "ENV")[0]).toBe(`NODE_ENV=production PORT=${port}`);
  });
});

test("every template has one", () => {
  expect(names.filter((name) => readdirSync(join(folder, name)).includes("Dockerfile"))).toEqual(names);
});
