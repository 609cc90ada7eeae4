import type { ChildProcess } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, pathWith, run } from "./command";

let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(() => rmSync(folder, { recursive: true }));

test("an interrupted git leaves a whole project, and no half of a repository", async () => {
  const env = { PATH: pathWith(folder, "git", "mkdir .git; kill -INT $PPID; exec sleep 60") };
  const { exitCode, out, err } = await run(folder, ["my-app", "-t", "minimal", "--no-install"], { env });
  expect({ exitCode, err }).toEqual({
    exitCode: 130,
    err: "Interrupted. The project in my-app is whole, but its dependencies are not installed: cd my-app && npm install\n",
  });
  expect(out).not.toContain("Done");
  expect(existsSync(join(folder, "my-app/package.json"))).toBe(true);
  expect(existsSync(join(folder, "my-app/.git"))).toBe(false);
});

test.each([
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s while it installs ends the package manager, and the project stays whole",
  async (signal, code) => {
    const env = { PATH: pathWith(folder, "npm", "echo installing; exec sleep 60") };
    const { exitCode, err } = await run(folder, ["my-app", "-t", "minimal"], {
      env,
      onStart: (child) => onInstalling(child, () => child.kill(signal)),
    });
    expect(exitCode).toBe(code);
    expect(err).toBe(
      "Interrupted. The project in my-app is whole, but its dependencies are not installed: cd my-app && npm install\n",
    );
    expect(existsSync(join(folder, "my-app/package.json"))).toBe(true);
  },
);

test("a package manager that was interrupted is no failure", async () => {
  const env = { PATH: pathWith(folder, "npm", "exit 130") };
  const { exitCode, err } = await run(folder, ["my-app", "-t", "minimal"], { env });
  expect(exitCode).toBe(130);
  expect(err).toContain("Interrupted. The project in my-app is whole");
});

test("a signal that npm passes on too is one signal, and a package manager has the time to tidy up", async () => {
  // Asked to end, it passes on another signal: so this one comes second.
  const tidy =
    "trap '' INT; trap 'kill -TERM $PPID; sleep 0.2; echo tidied up; exit 1' TERM; echo installing; while :; do sleep 0.1; done";
  const { exitCode, out } = await run(folder, ["my-app", "-t", "minimal"], {
    env: { PATH: pathWith(folder, "npm", tidy) },
    onStart: (child) => onInstalling(child, () => child.kill("SIGINT")),
  });
  expect({ exitCode, out }).toEqual({
    exitCode: 130,
    out: expect.stringMatching(/^tidied up$/m) as string,
  });
});

test("a second signal ends a package manager that does not hear the first", async () => {
  const deaf = "trap '' INT TERM; echo installing; while :; do sleep 0.1; done";
  const { exitCode } = await run(folder, ["my-app", "-t", "minimal"], {
    env: { PATH: pathWith(folder, "npm", deaf) },
    onStart: (child) =>
      onInstalling(child, () => {
        child.kill("SIGINT");
        // Again and again, as somebody does who loses patience.
        const again = setInterval(() => child.kill("SIGINT"), 100);
        child.on("exit", () => clearInterval(again));
      }),
  });
  expect(exitCode).toBe(130);
});

function onInstalling(child: ChildProcess, action: () => void): void {
  child.stdout?.on("data", (text: string | Buffer) => {
    if (/^installing$/m.test(text.toString())) action();
  });
}
