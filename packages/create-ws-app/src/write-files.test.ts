import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFiles } from "./write-files";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "write-files-"));
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
  await writeFiles(join(folder, "apps/chat"), files, new AbortController().signal);
  expect(readFileSync(join(folder, "apps/chat/src/main.ts"), "utf8")).toBe("main");
  expect(readdirSync(join(folder, "apps"))).toEqual(["chat"]);
});

test("an interrupted one leaves nothing behind", async () => {
  const { files: all, signal } = interrupted();
  await expect(writeFiles(join(folder, "apps/chat"), all, signal)).rejects.toThrow("stop");
  expect(readdirSync(folder)).toEqual([]);
});

test("one that is interrupted in a directory that was there leaves that as it was", async () => {
  mkdirSync(join(folder, "chat"));
  writeFileSync(join(folder, "chat/package.json"), "old");
  const { files: all, signal } = interrupted();
  await expect(writeFiles(join(folder, "chat"), all, signal)).rejects.toThrow("stop");
  expect(readdirSync(join(folder, "chat"))).toEqual(["package.json"]);
  expect(readFileSync(join(folder, "chat/package.json"), "utf8")).toBe("old");
});

test("so does one that fails", async () => {
  const impossible = [...files, { path: "package.json/inside", content: "" }];
  await expect(writeFiles(join(folder, "chat"), impossible, new AbortController().signal)).rejects.toThrow(
    /ENOTDIR|EEXIST/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("a failure in the middle of a directory that was there undoes what went before it", async () => {
  mkdirSync(join(folder, "docs"));
  writeFileSync(join(folder, "package.json"), "old");
  writeFileSync(join(folder, "src"), "a file");
  const all = [{ path: "docs/new.md", content: "" }, { path: "new/a/b.ts", content: "" }, ...files];
  await expect(writeFiles(folder, all, new AbortController().signal)).rejects.toThrow(/ENOTDIR|EEXIST/);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["docs", "package.json", "src"]);
  expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("old");
});

test("a link is replaced, and not what it leads to", async () => {
  writeFileSync(join(folder, "elsewhere"), "old");
  mkdirSync(join(folder, "chat"));
  symlinkSync("../elsewhere", join(folder, "chat/package.json"));
  await writeFiles(join(folder, "chat"), files, new AbortController().signal);
  expect(readFileSync(join(folder, "elsewhere"), "utf8")).toBe("old");
  expect(readFileSync(join(folder, "chat/package.json"), "utf8")).toBe("{}");
  expect(readdirSync(join(folder, "chat"))).toEqual(["package.json", "src"]);
});
