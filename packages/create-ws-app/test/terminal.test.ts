import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, environment, makeFolder, pathWith } from "./command";

const LIMIT_MS = 10_000;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

// `script` of util-linux gives a program a terminal; that of other systems has other options.
const canGiveTerminal = (spawnSync("script", ["--version"], { encoding: "utf8" }).stdout ?? "").includes(
  "util-linux",
);
const onTerminal = canGiveTerminal ? test : test.skip;

let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Somebody at a terminal, who waits for a text before each answer. */
async function sit(
  args: readonly string[],
  dialogue: readonly (readonly [seen: string, typed: string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ exitCode: number | null; screen: string }> {
  const line = [process.execPath, command, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["--quiet", "--flush", "--return", "--command", line, "/dev/null"], {
    cwd: folder,
    env: environment({ NO_COLOR: "1", ...env }),
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const waiting = [...dialogue];
  let screen = "";
  let read = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const at = screen.indexOf(next[0], read);
      if (at === -1) break;
      read = at + next[0].length;
      waiting.shift();
      child.stdin.write(next[1]);
    }
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return { exitCode, screen };
}

onTerminal("asks, and does what it is told", async () => {
  mkdirSync(join(folder, "taken"));
  writeFileSync(join(folder, "taken/notes.txt"), "mine");
  const { exitCode, screen } = await sit(
    [],
    [
      ["Directory of the project (my-ws-app)", "My Chat\r"],
      ["How about my-chat?", "taken\r"],
      ["taken is not empty: notes.txt.", "my-chat\r"],
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

onTerminal("does not ask for what is an argument, and not at all where an option configures", async () => {
  const named = await sit(
    ["my-app"],
    [
      ["Template", "2\r"],
      ["Install", "no\r"],
      ["git", "no\r"],
    ],
  );
  expect(named.exitCode).toBe(0);
  expect(named.screen).not.toContain("Directory of the project");
  const configured = await sit(["other", "-t", "minimal", "--no-install"], []);
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
    const { exitCode, screen } = await sit([], dialogue);
    expect([exitCode, screen]).toEqual([130, expect.stringContaining("Interrupted. Nothing was written.")]);
    expect(readdirSync(folder)).toEqual([]);
  }
});

onTerminal("Ctrl-C while it installs ends both, and leaves a whole project", async () => {
  const env = { PATH: pathWith(folder, "npm", "echo installing; exec sleep 60") };
  const { exitCode, screen } = await sit(["my-app", "-t", "minimal"], [["\ninstalling", CTRL_C]], env);
  expect([exitCode, screen]).toEqual([130, expect.stringContaining("The project in my-app is whole")]);
  expect(existsSync(join(folder, "my-app/package.json"))).toBe(true);
});

onTerminal("colours are for terminals that want them", async () => {
  const { screen } = await sit(["my-app", "-t", "minimal", "--no-install"], [], { NO_COLOR: "" });
  expect(screen).toContain("\u001b[1mminimal\u001b[22m");
  const { screen: plain } = await sit(["other", "-t", "minimal", "--no-install"], []);
  expect(plain).not.toContain("\u001b[1m");
});
