import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkTarget, writeProject } from "./write-project";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "write-project-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const files = [
  { path: "package.json", content: "{}" },
  { path: "src/main.ts", content: Buffer.from("main") },
];

/** Files, and a signal that comes while they are written. */
function interrupted() {
  const controller = new AbortController();
  const last = {
    path: "last",
    get content() {
      controller.abort(new Error("stop"));
      return "last";
    },
  };
  return { files: [...files, last, { path: "after", content: "" }], signal: controller.signal };
}

test("makes the directory and those above it", async () => {
  await writeProject(join(folder, "apps/chat"), files, new AbortController().signal);
  expect(readFileSync(join(folder, "apps/chat/src/main.ts"), "utf8")).toBe("main");
  expect(readdirSync(join(folder, "apps"))).toEqual(["chat"]);
});

test("an interrupted one leaves nothing behind", async () => {
  const { files: all, signal } = interrupted();
  await expect(writeProject(join(folder, "apps/chat"), all, signal)).rejects.toThrow("stop");
  expect(readdirSync(folder)).toEqual([]);
});

test("one that is interrupted in a directory that was there leaves that as it was", async () => {
  mkdirSync(join(folder, "chat"));
  writeFileSync(join(folder, "chat/package.json"), "old");
  const { files: all, signal } = interrupted();
  await expect(writeProject(join(folder, "chat"), all, signal)).rejects.toThrow("stop");
  expect(readdirSync(join(folder, "chat"))).toEqual(["package.json"]);
  expect(readFileSync(join(folder, "chat/package.json"), "utf8")).toBe("old");
});

test("so does one that fails", async () => {
  const impossible = [...files, { path: "package.json/inside", content: "" }];
  await expect(writeProject(join(folder, "chat"), impossible, new AbortController().signal)).rejects.toThrow(
    /ENOTDIR|EEXIST/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("an empty repository is empty", () => {
  mkdirSync(join(folder, ".git"));
  expect(() => checkTarget(folder, files, false)).not.toThrow();
});

test("names what is in the way, and not without end", () => {
  for (let number = 10; number < 20; number++) writeFileSync(join(folder, `file-${number}`), "");
  expect(() => checkTarget(folder, files, false)).toThrow(/is not empty: file-10, .*, file-17 and 2 more\. /);
  expect(() => checkTarget(folder, files, true)).not.toThrow();
  expect(existsSync(join(folder, "package.json"))).toBe(false);
});
