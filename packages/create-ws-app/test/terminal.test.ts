import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, pathWith } from "./command";
import { onTerminal, sit } from "./terminal";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(() => rmSync(folder, { recursive: true }));

onTerminal("asks, and does what it is told", async () => {
  mkdirSync(join(folder, "taken"));
  writeFileSync(join(folder, "taken/notes.txt"), "mine");
  const { exitCode, screen } = await sit(
    folder,
    [],
    [
      ["Directory of the project (my-ws-app)", "My Chat\r"],
      ["How about my-chat?", "taken\r"],
      ["taken is not empty: notes.txt.", "taken/notes.txt/my-chat\r"],
      ["ENOTDIR", "my-chat\r"],
      ["Number or name (chat)", "7\r"],
      ["Type a number", "minimal\r"],
      ["Install the dependencies with npm? (yes)", "n\r"],
      ["Make a git repository? (yes)", "\r"],
    ],
  );
  expect([exitCode, screen]).toEqual([0, expect.stringContaining("cd my-chat")]);
  expect(existsSync(join(folder, "my-chat/src/handlers/hello-handler.ts"))).toBe(true);
  expect(existsSync(join(folder, "my-chat/.git"))).toBe(true);
  expect(existsSync(join(folder, "my-chat/node_modules"))).toBe(false);
});

onTerminal("inside of a repository it says that it makes none", async () => {
  mkdirSync(join(folder, ".git"));
  const { exitCode, screen } = await sit(folder, ["my-app"], [["Template", "2\rno\r"]]);
  expect([exitCode, screen]).toEqual([0, expect.stringContaining("No git repository is made")]);
});

onTerminal("asks for nothing that --dry-run does not do", async () => {
  const { exitCode, screen } = await sit(folder, ["--dry-run"], [["Directory", "my-app\r2\r"]]);
  expect([exitCode, screen]).toEqual([0, expect.stringContaining("files would be written; nothing was.")]);
});

onTerminal("answers that come before their questions, such as pasted ones, are theirs", async () => {
  const pasted = [["Directory", "my-app\r2\rno\rno\r"]] as const;
  const { exitCode, screen } = await sit(folder, [], pasted);
  expect([exitCode, screen]).toEqual([0, expect.stringContaining("Number or name (chat) 2\r\n")]);
  expect(existsSync(join(folder, "my-app/src/handlers/hello-handler.ts"))).toBe(true);
  expect(existsSync(join(folder, "my-app/.git"))).toBe(false);
});

onTerminal("Ctrl-C behind answers that were pasted counts more than they do", async () => {
  const { exitCode, screen } = await sit(folder, [], [["Directory", `my-app\r2\rno\rno\r${CTRL_C}`]]);
  expect([exitCode, screen]).toEqual([130, expect.stringContaining("Interrupted. Nothing was written.")]);
  expect(readdirSync(folder)).toEqual([]);
});

onTerminal("Ctrl-C right behind the last answer counts too", async () => {
  const { exitCode, screen } = await sit(
    folder,
    ["my-app"],
    [
      ["Template", "2\r"],
      ["Install", "no\r"],
      ["git", `no\r${CTRL_C}`],
    ],
  );
  expect([exitCode, screen]).toEqual([130, expect.stringContaining("Interrupted. Nothing was written.")]);
  expect(readdirSync(folder)).toEqual([]);
});

onTerminal("~ in an answer is the home directory", async () => {
  const { exitCode, screen } = await sit(folder, [], [["Directory", "~/my-app\r2\rno\rno\r"]], {
    HOME: join(folder, "home"),
  });
  expect([exitCode, screen]).toEqual([0, expect.stringContaining(`cd ${join(folder, "home/my-app")}`)]);
  expect(readdirSync(folder)).toEqual(["home"]);
});

onTerminal("does not ask for what is an argument, and not at all where an option configures", async () => {
  const named = await sit(
    folder,
    ["my-app"],
    [
      ["Template", "2\r"],
      ["Install", "no\r"],
      ["git", "no\r"],
    ],
  );
  expect(named.exitCode).toBe(0);
  expect(named.screen).not.toContain("Directory of the project");
  const configured = await sit(folder, ["other", "-t", "minimal", "--no-install"], []);
  expect(configured.exitCode).toBe(0);
  expect(configured.screen).toContain("No questions, because --template was given.");
});

onTerminal.each([
  ["Ctrl-C", CTRL_C],
  ["Ctrl-D", CTRL_D],
])("%s at any question ends it with 130, and nothing is written", async (_, key) => {
  const answers = [
    ["Directory", "my-app\r"],
    ["Number or name", "\r"],
    ["Install", "\r"],
    ["git", "\r"],
  ] as const;
  for (let count = 0; count < answers.length; count++) {
    const dialogue = answers
      .slice(0, count + 1)
      .map(([seen, typed], index) => [seen, index === count ? key : typed] as const);
    const { exitCode, screen } = await sit(folder, [], dialogue);
    expect([exitCode, screen]).toEqual([130, expect.stringContaining("Interrupted. Nothing was written.")]);
    expect(readdirSync(folder)).toEqual([]);
  }
});

onTerminal("Ctrl-C while it installs ends both, and leaves a whole project", async () => {
  const env = { PATH: pathWith(folder, "npm", "echo installing; exec sleep 60") };
  const { exitCode, screen } = await sit(
    folder,
    ["my-app", "-t", "minimal"],
    [["\ninstalling", CTRL_C]],
    env,
  );
  expect([exitCode, screen]).toEqual([130, expect.stringContaining("The project in my-app is whole")]);
  expect(existsSync(join(folder, "my-app/package.json"))).toBe(true);
});

onTerminal("Ctrl-C while git makes the repository ends both", async () => {
  const env = { PATH: pathWith(folder, "git", "mkdir .git; echo halfway >/dev/tty; exec sleep 60") };
  const args = ["my-app", "-t", "minimal", "--no-install"];
  const { exitCode, screen } = await sit(folder, args, [["halfway", CTRL_C]], env);
  expect([exitCode, screen]).toEqual([130, expect.stringContaining("The project in my-app is whole")]);
  expect(existsSync(join(folder, "my-app/.git"))).toBe(false);
});

onTerminal("colours are for terminals that want them", async () => {
  const { screen } = await sit(folder, ["my-app", "-t", "minimal", "--no-install"], [], { NO_COLOR: "" });
  expect(screen).toContain("\u001b[1mminimal\u001b[22m");
  const { screen: plain } = await sit(folder, ["other", "-t", "minimal", "--no-install"], []);
  expect(plain).not.toContain("\u001b[1m");
});
