import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { refusedBySystem } from "../src/errors";
import { installIn, makeFolder, pathWith, run } from "./command";

let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(() => rmSync(folder, { recursive: true }));

const read = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");
const create = (...args: string[]) => run(folder, args);

test("writes a project, and says what comes next", async () => {
  const { exitCode, out, err } = await create("my-app", "-t", "minimal", "--no-install");
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(out).toBe(
    [
      "No questions, because --template was given. Defaults: package manager npm, make a git repository.",
      "Writing the template minimal into my-app ...",
      "Making a git repository ...",
      "",
      "Done. Now run:",
      "",
      "  cd my-app",
      "  npm install",
      "  npm run dev",
      "",
      "README.md says how to talk to it.",
      "",
    ].join("\n"),
  );
  expect(readdirSync(folder)).toEqual(["my-app"]);
  for (const file of [
    ".gitignore",
    ".editorconfig",
    ".env",
    "AGENTS.md",
    "Dockerfile",
    "README.md",
    "src/main.ts",
  ]) {
    expect([file, existsSync(join(folder, "my-app", file))]).toEqual([file, true]);
  }
  expect(existsSync(join(folder, "my-app/_gitignore"))).toBe(false);
  expect(read("my-app/README.md")).toMatch(/^# my-app\n/);
});

test("the written package.json can be installed anywhere", async () => {
  await create("my-app", "-t", "chat", "--no-install");
  const manifest = JSON.parse(read("my-app/package.json")) as Record<string, Record<string, string>>;
  const { version } = JSON.parse(readFileSync(join(__dirname, "../../websocket/package.json"), "utf8")) as {
    version: string;
  };
  expect(manifest["name"]).toBe("my-app");
  expect(manifest["dependencies"]?.["@vernal/websocket"]).toBe(`^${version}`);
  expect(manifest["devDependencies"]?.["@vernal/testing"]).toBe(`^${version}`);
  const ranges = { ...manifest["dependencies"], ...manifest["devDependencies"] };
  expect(Object.values(ranges).filter((range) => !/^[~^]\d/.test(range))).toEqual([]);
  expect(Object.keys(manifest["scripts"] ?? {}).sort()).toEqual(["build", "dev", "lint", "start", "test"]);
});

test("a page and its server are two packages of a workspace, of npm, yarn and bun, and of pnpm", async () => {
  await create("my-app", "-t", "client-and-server", "--no-install", "--pm", "pnpm");
  const manifestOf = (...path: string[]) =>
    JSON.parse(read("my-app", ...path, "package.json")) as Record<string, unknown>;
  expect(manifestOf()["workspaces"]).toEqual(["client", "server"]);
  expect(read("my-app/pnpm-workspace.yaml")).toMatch(
    /^packages:\n {2}- client\n {2}- server\n\n.*\nallowBuilds:/,
  );
  expect([manifestOf("client")["name"], manifestOf("server")["name"]]).toEqual([
    "my-app-client",
    "my-app-server",
  ]);
  // Each has what it imports.
  expect(manifestOf()).not.toHaveProperty(["devDependencies", "@vernal/testing"]);
  expect(manifestOf("server")).toHaveProperty(["devDependencies", "@vernal/testing"]);
  expect(manifestOf("server")).toHaveProperty(["dependencies", "@vernal/websocket"]);
  expect(manifestOf("client")).not.toHaveProperty("dependencies");
  const configurations = ["client/tsconfig.json", "server/tsconfig.json", "tsconfig.json"];
  expect(configurations.filter((file) => existsSync(join(folder, "my-app", file)))).toEqual([
    "client/tsconfig.json",
    "server/tsconfig.json",
  ]);
});

test("without a terminal all defaults are taken, and said", async () => {
  const { exitCode, out } = await run(folder, [], { env: { PATH: pathWith(folder, "npm", "exit 0") } });
  expect(exitCode).toBe(0);
  expect(out).toContain(
    "No questions, because this is no terminal. Defaults: directory my-ws-app, template chat, package manager npm, install, make a git repository.",
  );
  expect(existsSync(join(folder, "my-ws-app/.git"))).toBe(true);
});

test("CI means no questions", async () => {
  const { out } = await run(folder, ["--dry-run"], { env: { CI: "true" } });
  expect(out).toContain("No questions, because CI is set.");
});

test.each(["npm", "pnpm", "yarn", "bun"])("%s is found, used and spoken of", async (name) => {
  const env = {
    npm_config_user_agent: `${name}/9.9.9 npm/? node/v20`,
    PATH: pathWith(folder, name, 'echo "ran with $*"'),
  };
  const { exitCode, out } = await run(folder, ["my-app", "--yes", "-t", "minimal"], { env });
  expect(exitCode).toBe(0);
  expect(out).toContain("ran with install");
  expect(out).toContain(`  ${name === "pnpm" || name === "yarn" ? name : `${name} run`} dev\n`);
  expect(out).not.toContain(`  ${name} install\n`);
  expect(existsSync(join(folder, "my-app/pnpm-workspace.yaml"))).toBe(name === "pnpm");
});

test("yarn may write a lock file also where CI is set", async () => {
  const env = {
    CI: "true",
    PATH: pathWith(folder, "yarn", 'echo "immutable: $YARN_ENABLE_IMMUTABLE_INSTALLS"'),
  };
  const { out } = await run(folder, ["my-app", "--pm", "yarn", "-t", "minimal"], { env });
  expect(out).toContain("immutable: false\n");
  expect(read("my-app/yarn.lock")).toBe("");
  expect(read("my-app/.yarnrc.yml")).toContain("nodeLinker: node-modules\n");
});

test("options that npm has taken for itself are missed, and nothing is written", async () => {
  const env = { npm_config_user_agent: "npm/11.0.0 node/v20", npm_config_template: "true" };
  const { exitCode, err } = await run(folder, ["my-app", "chat"], { env });
  expect({ exitCode, err }).toEqual({
    exitCode: 1,
    err: "npm has taken --template for itself. Two dashes come before options: npm create ws-app@latest my-app -- --template minimal\n",
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("an older Node.js is an error", async () => {
  const preload = join(folder, "older.cjs");
  writeFileSync(preload, 'Object.defineProperty(process.versions, "node", { value: "20.9.1" });');
  const { exitCode, err } = await run(folder, ["my-app"], { env: { NODE_OPTIONS: `--require ${preload}` } });
  expect({ exitCode, err }).toEqual({
    exitCode: 1,
    err: "create-ws-app needs Node.js 20.19 or later; this is 20.9.1.\n",
  });
});

test("--pm counts more than who runs the command", async () => {
  const env = { npm_config_user_agent: "npm/11.0.0 node/v20" };
  const { out } = await run(folder, ["my-app", "--pm", "bun", "--no-install"], { env });
  expect(out).toContain("  bun install\n  bun run dev\n");
});

test("a failed installation is an error; the files stay, and what to repeat is said", async () => {
  const env = { PATH: pathWith(folder, "npm", "exit 7") };
  const { exitCode, err } = await run(folder, ["my-app", "-t", "minimal"], { env });
  expect({ exitCode, err }).toEqual({
    exitCode: 1,
    err: "npm install ended with exit code 7. The files are written; to go on, run npm install in my-app.\n",
  });
  expect(existsSync(join(folder, "my-app/package.json"))).toBe(true);
});

test("a package manager that is not there is an error", async () => {
  const env = { PATH: "/nowhere" };
  const { exitCode, err } = await run(folder, ["my-app", "--pm", "bun", "--no-git"], { env });
  expect(exitCode).toBe(1);
  expect(err).toBe(
    "There is no bun on this machine. The files are written; to go on, run bun install in my-app.\n",
  );
});

test("a package manager that cannot be started, or is killed, is an error that says so", async () => {
  const killed = { PATH: pathWith(folder, "npm", "kill -KILL $$") };
  const dead = await run(folder, ["my-app", "-t", "minimal"], { env: killed });
  expect(dead).toMatchObject({
    exitCode: 1,
    err: "npm install was ended by SIGKILL. The files are written; to go on, run npm install in my-app.\n",
  });
  chmodSync(join(folder, ".bin/npm"), 0o644);
  const env = { PATH: join(folder, ".bin") };
  const { exitCode, err } = await run(folder, ["other", "-t", "minimal", "--no-git"], { env });
  expect(exitCode).toBe(1);
  expect(err).toMatch(/^npm cannot be started: .*EACCES\. The files are written; /);
});

test.each([
  [["My App"], /^npm does not take "My App" as .*: it has capital letters\. How about my-app\?\n$/],
  [["apps/My App/"], /How about apps\/my-app\?\n$/],
  [["apps/@Acme/Chat"], /How about apps\/@acme\/chat\?\n$/],
  [["apps/@acme"], /How about apps\/acme\?\n$/],
  [["./-chat"], /^npm does not take "-chat" .* How about chat\?\n$/],
  [["apps\\chat"], /How about apps-chat\?\n$/],
  [["my\napp"], /^npm does not take "my\\napp" as .* How about my-app\?\n$/],
  [["my-app", "-t", "nope"], /^There is no template "nope"; there are .*\n$/],
  [["my-app", "--pm", "cargo"], /^There is no package manager "cargo"/],
  [["--colour"], /^Unknown option '--colour'/],
])("%p ends with 1 and one line, and nothing is written", async (args, message) => {
  const { exitCode, err } = await run(folder, args);
  expect(exitCode).toBe(1);
  expect(err).toMatch(message);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});

test("a directory that is not empty is refused with what is in it", async () => {
  mkdirSync(join(folder, "my-app"));
  writeFileSync(join(folder, "my-app/notes.txt"), "mine");
  const { exitCode, err } = await create("my-app", "-t", "minimal", "--no-install");
  expect(exitCode).toBe(1);
  expect(err).toContain("my-app is not empty: notes.txt.");
  expect(readdirSync(join(folder, "my-app"))).toEqual(["notes.txt"]);
});

test("--overwrite replaces files of the same name and leaves the others", async () => {
  mkdirSync(join(folder, "my-app/src"), { recursive: true });
  writeFileSync(join(folder, "my-app/notes.txt"), "mine");
  writeFileSync(join(folder, "my-app/src/main.ts"), "old");
  const { exitCode } = await create("my-app", "-t", "minimal", "--no-install", "--overwrite");
  expect(exitCode).toBe(0);
  expect(read("my-app/notes.txt")).toBe("mine");
  expect(read("my-app/src/main.ts")).toContain("WebSocketApplication.run");
  expect(readdirSync(join(folder, "my-app")).filter((name) => name.startsWith(".create"))).toEqual([]);
});

test("--overwrite does not replace directories", async () => {
  mkdirSync(join(folder, "my-app/README.md"), { recursive: true });
  const { exitCode, err } = await create("my-app", "-t", "minimal", "--no-install", "--overwrite");
  expect(exitCode).toBe(1);
  expect(err).toContain("README.md");
});

test("--overwrite does not replace a file where a directory has to be, nor follow a link", async () => {
  mkdirSync(join(folder, "elsewhere"));
  mkdirSync(join(folder, "my-app"));
  writeFileSync(join(folder, "my-app/src"), "mine");
  symlinkSync("../elsewhere", join(folder, "my-app/test"));
  const { exitCode, err } = await create("my-app", "-t", "minimal", "--no-install", "--overwrite");
  expect(exitCode).toBe(1);
  expect(err).toMatch(/has a file or a link where a directory has to be, .*: .*src, .*test\.\n$/);
  expect(readdirSync(join(folder, "my-app"))).toEqual(["src", "test"]);
  expect(readdirSync(join(folder, "elsewhere"))).toEqual([]);
});

test("what the system refuses is one line, and nothing is written", async () => {
  writeFileSync(join(folder, "file"), "");
  const { exitCode, err } = await create("file/my-app", "-t", "minimal");
  expect(exitCode).toBe(1);
  expect(err).toBe(
    `Nothing was written. ${join(folder, "file/my-app")} cannot be made: something above it is a file (ENOTDIR).\n`,
  );
});

test("a directory that is not ours to write into is named", () => {
  // As mkdir says it; who runs the tests may write everywhere.
  const refusal = Object.assign(new Error("EACCES: permission denied, mkdir '/srv/my-app'"), {
    code: "EACCES",
    syscall: "mkdir",
    path: "/srv/my-app",
  });
  expect(refusedBySystem(refusal)).toBe(
    "Nothing was written. This user may not write into /srv (EACCES). Choose another directory.",
  );
});

test("directories above may have any name", async () => {
  const odd = "사과 $& 'x' (1)";
  const { exitCode, out } = await create(`${odd}/my-app`, "-t", "minimal", "--no-install");
  expect(exitCode).toBe(0);
  expect(out).toContain(`  cd '사과 $& '\\''x'\\'' (1)/my-app'\n`);
  installIn(folder);
  const generated = await run(join(folder, odd, "my-app"), ["generate", "handler", "Room"]);
  expect(generated).toMatchObject({ exitCode: 0, err: "" });
});

test("who reads no further does not stop it halfway", async () => {
  const { exitCode, err } = await run(folder, ["my-app", "-t", "minimal", "--no-install"], {
    onStart: (child) => child.stdout?.destroy(),
  });
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  expect(readdirSync(folder)).toEqual(["my-app"]);
  expect(existsSync(join(folder, "my-app/package.json"))).toBe(true);
});

test("a file is no directory", async () => {
  writeFileSync(join(folder, "my-app"), "");
  const { exitCode, err } = await create("my-app", "-t", "minimal");
  expect({ exitCode, err }).toEqual({ exitCode: 1, err: `${join(folder, "my-app")} is a file.\n` });
});

test("the current directory, nested ones and scopes", async () => {
  mkdirSync(join(folder, "here"));
  const here = await run(join(folder, "here"), [".", "-t", "minimal", "--no-install"]);
  expect(here.out).toContain("Now run:\n\n  npm install\n");
  expect(JSON.parse(read("here/package.json"))).toMatchObject({ name: "here" });
  await create("apps/@acme/chat", "-t", "minimal", "--no-install");
  expect(JSON.parse(read("apps/@acme/chat/package.json"))).toMatchObject({ name: "@acme/chat" });
});

test("a directory that is there keeps its name, and the package gets one that npm takes", async () => {
  for (const name of ["MyApp/below", "채팅"]) mkdirSync(join(folder, name), { recursive: true });
  const here = await run(join(folder, "MyApp/below"), ["..", "-t", "minimal", "--no-install", "--overwrite"]);
  expect({ exitCode: here.exitCode, err: here.err }).toEqual({ exitCode: 0, err: "" });
  expect(here.out).toContain(
    'The package is called myapp, because npm does not take "MyApp": it has capital letters.\n',
  );
  expect(JSON.parse(read("MyApp/package.json"))).toMatchObject({ name: "myapp" });
  expect(read("MyApp/README.md")).toMatch(/^# myapp\n/);
  await run(join(folder, "채팅"), [".", "-t", "minimal", "--no-install"]);
  expect(JSON.parse(read("채팅/package.json"))).toMatchObject({ name: "my-ws-app" });
});

test("a better name lies beside the one that npm does not take", async () => {
  mkdirSync(join(folder, "@Acme"));
  const { err } = await run(join(folder, "@Acme"), ["Chat", "-t", "minimal"]);
  expect(err).toMatch(/How about \.\.\/@acme\/chat\?$/m);
  const absolute = await create(join(folder, "My App"), "-t", "minimal");
  expect(absolute.err).toContain(`How about ${join(folder, "my-app")}?`);
});

test("--dry-run names the files and writes none", async () => {
  const { exitCode, out } = await create("my-app", "-t", "minimal", "--dry-run");
  expect(exitCode).toBe(0);
  expect(out).toContain("my-app/src/handlers/hello-handler.ts\n");
  expect(out).toMatch(/\d+ files would be written; nothing was\.\n$/);
  expect(readdirSync(folder)).toEqual([]);
});

test("--help and --version", async () => {
  const help = await create("--help");
  expect(help.exitCode).toBe(0);
  for (const option of [
    "--template",
    "--pm",
    "--no-install",
    "--no-git",
    "--overwrite",
    "--dry-run",
    "--yes",
  ]) {
    expect(help.out).toContain(option);
  }
  expect(await create("-v")).toMatchObject({ exitCode: 0, out: "0.1.0\n" });
});
