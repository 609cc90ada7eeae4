import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, pathWith, run } from "./command";

let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(() => rmSync(folder, { recursive: true }));

const create = (...args: string[]) => run(folder, args);

test("no repository is made inside of one, or where none is wanted", async () => {
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  const { out } = await create("inside", "-t", "minimal", "--no-install");
  expect(out).toContain("No git repository is made: this is inside of one.");
  expect(existsSync(join(folder, "inside/.git"))).toBe(false);
  const { out: silent } = await create("without", "-t", "minimal", "--no-install", "--no-git");
  expect(silent).not.toContain("git repository");
});

test("a link into a repository is inside of it, and one out of it is not", async () => {
  mkdirSync(join(folder, "repository/.git"), { recursive: true });
  mkdirSync(join(folder, "repository/apps"));
  mkdirSync(join(folder, "elsewhere"));
  symlinkSync("repository/apps", join(folder, "in"));
  symlinkSync("../elsewhere", join(folder, "repository/out"));
  const { out } = await create("in/deeper/my-app", "-t", "minimal", "--no-install");
  expect(out).toContain("No git repository is made: this is inside of one.");
  await create("repository/out/my-app", "-t", "minimal", "--no-install");
  expect(existsSync(join(folder, "elsewhere/my-app/.git"))).toBe(true);
});

test("no repository is made where git denies one, because it does not trust the owner", async () => {
  mkdirSync(join(folder, ".git"));
  const env = { PATH: pathWith(folder, "git", "exit 128") };
  const { out } = await run(folder, ["inside", "-t", "minimal", "--no-install"], { env });
  expect(out).toContain("No git repository is made: this is inside of one.");
});

test.each([
  ["mkdir .git; kill -KILL $$", "git init --quiet was ended by SIGKILL."],
  ["echo no room >&2; exit 3", "git init --quiet ended with exit code 3: no room."],
])("a git that fails with %p is no failure of the project", async (line, said) => {
  const env = { PATH: pathWith(folder, "git", line) };
  const { exitCode, out } = await run(folder, ["my-app", "-t", "minimal", "--no-install"], { env });
  expect({ exitCode, out }).toEqual({
    exitCode: 0,
    out: expect.stringContaining(`It was not made. ${said}\n\nDone.`) as string,
  });
  expect(existsSync(join(folder, "my-app/.git"))).toBe(false);
});

test("nothing that is secret or built would be committed", async () => {
  await create("my-app", "-t", "minimal", "--no-install");
  mkdirSync(join(folder, "my-app/node_modules"));
  writeFileSync(join(folder, "my-app/node_modules/x"), "");
  const status = execFileSync("git", ["status", "--porcelain", "-uall"], {
    cwd: join(folder, "my-app"),
    encoding: "utf8",
  });
  expect(status).toContain("?? .env.example\n");
  expect(status).not.toMatch(/\.env$|node_modules/m);
});

test("what a hook of git has in its environment makes no other repository", async () => {
  const env = { GIT_DIR: join(folder, "elsewhere/.git"), GIT_WORK_TREE: join(folder, "elsewhere") };
  await run(folder, ["my-app", "-t", "minimal", "--no-install"], { env });
  expect(readdirSync(folder)).toEqual(["my-app"]);
  expect(existsSync(join(folder, "my-app/.git/HEAD"))).toBe(true);
});
