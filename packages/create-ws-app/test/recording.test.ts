import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./command";
import { onTerminal, sit } from "./terminal";

let folder: string;

beforeEach(() => {
  folder = makeFolder();
});

afterEach(() => rmSync(folder, { recursive: true }));

const answers = [
  ["Number or name (chat)", "\r"],
  ["Install the dependencies with npm? (yes)", "no\r"],
  ["Make a git repository? (yes)", "\r"],
] as const;

onTerminal.each([
  ["README.md", [], [["Directory of the project (my-ws-app)", "my-chat\r"], ...answers]],
  ["../../README.md", ["my-chat"], answers],
] as const)("the recording in %s is what a person sees", async (file, args, dialogue) => {
  const { exitCode, screen } = await sit(folder, args, dialogue);
  expect(exitCode).toBe(0);
  const command = ["$ npm create ws-app@latest", ...args].join(" ");
  expect(recordingIn(file)).toBe(`${command}\n${visible(screen)}`);
});

/** The block of text that begins with a prompt of a shell. */
function recordingIn(file: string): string | undefined {
  const text = readFileSync(join(__dirname, "..", file), "utf8");
  return /^```text\n(\$ npm create [^`]*)```$/m.exec(text)?.[1];
}

/** Without what moves the cursor, and without blanks at the ends of lines. */
function visible(screen: string): string {
  // eslint-disable-next-line no-control-regex -- as a terminal gets it
  return screen.replace(/\u001b\[\d*[GJ]/g, "").replace(/[ \r]+\n/g, "\n");
}
