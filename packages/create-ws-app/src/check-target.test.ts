import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkTarget } from "./check-target";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-target-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const paths = ["package.json", "src/handlers/room.ts", "src/main.ts"];

test("what is not there is as good as empty", () => {
  expect(() => checkTarget(join(folder, "new"), paths, false)).not.toThrow();
});

test("an empty repository is empty, and so is what an editor has opened", () => {
  for (const name of [".git", ".idea", ".vscode"]) mkdirSync(join(folder, name));
  expect(() => checkTarget(folder, paths, false)).not.toThrow();
});

test("names what is in the way, and not without end", () => {
  for (let number = 10; number < 20; number++) writeFileSync(join(folder, `file-${number}`), "");
  expect(() => checkTarget(folder, paths, false)).toThrow(/is not empty: file-10, .*, file-17 and 2 more\. /);
  expect(() => checkTarget(folder, paths, true)).not.toThrow();
});

test("a file and a link to nowhere are no directories", () => {
  writeFileSync(join(folder, "file"), "");
  symlinkSync("nowhere", join(folder, "link"));
  expect(() => checkTarget(join(folder, "file"), paths, true)).toThrow(/file is a file\.$/);
  expect(() => checkTarget(join(folder, "link"), paths, true)).toThrow(/link is a link to nowhere\.$/);
});

test("a directory where a file has to be is not replaced", () => {
  mkdirSync(join(folder, "src/main.ts"), { recursive: true });
  expect(() => checkTarget(folder, paths, true)).toThrow(
    /a directory where a file has to be.*: src\/main\.ts\.$/,
  );
});

test("a file where a directory has to be is not replaced", () => {
  writeFileSync(join(folder, "src"), "");
  expect(() => checkTarget(folder, paths, true)).toThrow(/where a directory has to be.*: src\.$/);
});

test("a link to a directory is not followed", () => {
  mkdirSync(join(folder, "elsewhere"));
  mkdirSync(join(folder, "app/src"), { recursive: true });
  symlinkSync("../../elsewhere", join(folder, "app/src/handlers"));
  expect(() => checkTarget(join(folder, "app"), paths, true)).toThrow(
    /where a directory has to be.*: src\/handlers\.$/,
  );
});
