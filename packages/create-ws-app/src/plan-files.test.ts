import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PackageManager } from "./package-manager";
import { planFiles } from "./plan-files";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "template-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function plan(files: Record<string, string>, packageManager: PackageManager = "npm"): Record<string, string> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const planned = planFiles(folder, { name: "my-chat", packageManager });
  return Object.fromEntries(planned.map(({ path, content }) => [path, content.toString()]));
}

test("files are written as they are, in folders and with dots", () => {
  expect(plan({ "src/handlers/a.ts": "a", ".editorconfig": "e" })).toEqual({
    "src/handlers/a.ts": "a",
    ".editorconfig": "e",
  });
});

test("_gitignore becomes .gitignore, and .env is a copy of its example", () => {
  expect(plan({ _gitignore: "dist/", ".env.example": "PORT=8080" })).toEqual({
    ".gitignore": "dist/",
    ".env.example": "PORT=8080",
    ".env": "PORT=8080",
  });
});

test("package.json gets the name first, and the README its title and commands", () => {
  const files = {
    "package.json": '{"private":true}',
    "README.md": "# A chat\n\n`npm run dev`\n\n# Not this",
  };
  expect(plan(files, "bun")).toEqual({
    "package.json": '{\n  "name": "my-chat",\n  "private": true\n}\n',
    "README.md": "# my-chat\n\n`bun run dev`\n\n# Not this",
  });
});

test("the packages of a workspace are named after it", () => {
  const files = { "package.json": "{}", "server/package.json": "{}" };
  const names = Object.values(plan(files)).map((text) => (JSON.parse(text) as { name: string }).name);
  expect(names).toEqual(["my-chat", "my-chat-server"]);
});

test("the settings of a package manager are for that one", () => {
  const manifest = { "package.json": '{"allowScripts":{"a":true}}' };
  expect(plan(manifest, "npm")["package.json"]).toContain("allowScripts");
  expect(plan(manifest, "pnpm")["package.json"]).not.toContain("allowScripts");
  rmSync(join(folder, "package.json"));
  const [pnpm, yarn] = [{ "pnpm-workspace.yaml": "allowBuilds:" }, { ".yarnrc.yml": "nodeLinker:" }];
  const files = { ...pnpm, ...yarn };
  expect(plan(files, "npm")).toEqual({});
  expect(plan(files, "bun")).toEqual({});
  expect(plan(files, "pnpm")).toEqual(pnpm);
  expect(plan(files, "yarn")).toEqual({ ...yarn, "yarn.lock": "" });
});
