import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fs from "node:fs";
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

const usual = { overwrite: true, signal: new AbortController().signal };
const careful = { ...usual, overwrite: false };

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
  await writeFiles(join(folder, "apps/chat"), files, usual);
  expect(readFileSync(join(folder, "apps/chat/src/main.ts"), "utf8")).toBe("main");
  expect(readdirSync(join(folder, "apps"))).toEqual(["chat"]);
});

test("an interrupted one leaves nothing behind", async () => {
  const { files: all, signal } = interrupted();
  await expect(writeFiles(join(folder, "apps/chat"), all, { overwrite: true, signal })).rejects.toThrow(
    "stop",
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("one that is interrupted in a directory that was there leaves that as it was", async () => {
  mkdirSync(join(folder, "chat"));
  writeFileSync(join(folder, "chat/package.json"), "old");
  const { files: all, signal } = interrupted();
  await expect(writeFiles(join(folder, "chat"), all, { overwrite: true, signal })).rejects.toThrow("stop");
  expect(readdirSync(join(folder, "chat"))).toEqual(["package.json"]);
  expect(readFileSync(join(folder, "chat/package.json"), "utf8")).toBe("old");
});

test("one that fails leaves nothing behind", async () => {
  const impossible = [...files, { path: "package.json/inside", content: "" }];
  await expect(writeFiles(join(folder, "chat"), impossible, usual)).rejects.toThrow(/ENOTDIR|EEXIST/);
  expect(readdirSync(folder)).toEqual([]);
});

test("folders that cannot all be made leave none behind", async () => {
  const tooLong = join("apps", "x".repeat(300));
  await expect(writeFiles(join(folder, tooLong, "chat"), files, usual)).rejects.toThrow("ENAMETOOLONG");
  await expect(
    writeFiles(folder, [...files, { path: `${tooLong}/main.ts`, content: "" }], usual),
  ).rejects.toThrow("ENAMETOOLONG");
  expect(readdirSync(folder)).toEqual([]);
});

test("a failure in the middle of a directory that was there undoes what went before it", async () => {
  mkdirSync(join(folder, "docs"));
  writeFileSync(join(folder, "package.json"), "old");
  writeFileSync(join(folder, "src"), "a file");
  const all = [{ path: "docs/new.md", content: "" }, { path: "new/a/b.ts", content: "" }, ...files];
  await expect(writeFiles(folder, all, usual)).rejects.toThrow(/ENOTDIR|EEXIST/);
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["docs", "package.json", "src"]);
  expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("old");
});

test("a link is replaced, and not what it leads to", async () => {
  writeFileSync(join(folder, "elsewhere"), "old");
  mkdirSync(join(folder, "chat"));
  symlinkSync("../elsewhere", join(folder, "chat/package.json"));
  await writeFiles(join(folder, "chat"), files, usual);
  expect(readFileSync(join(folder, "elsewhere"), "utf8")).toBe("old");
  expect(readFileSync(join(folder, "chat/package.json"), "utf8")).toBe("{}");
  expect(readdirSync(join(folder, "chat"))).toEqual(["package.json", "src"]);
});

/** Files, of which the last one does this while it is written. */
function filesWhile(action: () => void) {
  const last = {
    path: "last",
    get content() {
      action();
      return "last";
    },
  };
  return [...files, last];
}

test("what has come meanwhile is not replaced", async () => {
  const all = filesWhile(() => writeFileSync(join(folder, "package.json"), "theirs"));
  await expect(writeFiles(folder, all, careful)).rejects.toThrow(
    "Nothing was written, because of what is there already: package.json.",
  );
  expect(readdirSync(folder)).toEqual(["package.json"]);
  expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("theirs");
});

test("a changed file keeps its mode, and is not changed where it is another one by now", async () => {
  const path = join(folder, "package.json");
  writeFileSync(path, "old", { mode: 0o750 });
  await writeFiles(folder, [{ path: "package.json", content: "new", was: "old" }], careful);
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["new", 0o750]);
  const late = [
    { path: "src/main.ts", content: "" },
    { path: "package.json", content: "newer", was: "old" },
  ];
  await expect(writeFiles(folder, late, careful)).rejects.toThrow("package.json has been changed meanwhile");
  expect(readdirSync(folder)).toEqual(["package.json"]);
  expect(readFileSync(path, "utf8")).toBe("new");
});

test("a folder into which somebody else has put something stays", async () => {
  const all = filesWhile(() => {
    writeFileSync(join(folder, "apps/theirs"), "");
    throw new Error("stop");
  });
  await expect(writeFiles(join(folder, "apps/chat"), all, usual)).rejects.toThrow("stop");
  expect(readdirSync(join(folder, "apps"))).toEqual(["theirs"]);
});

test("what cannot be put back is not removed, and all else is put back", async () => {
  for (const name of ["a", "b", "c"]) writeFileSync(join(folder, name), `old ${name}`);
  const { renameSync } = fs;
  const isOfTheFirst = (path: fs.PathLike) => String(path).endsWith("/b");
  const rename = jest.spyOn(fs, "renameSync").mockImplementation((from, to) => {
    if (String(from).includes("replaced") && isOfTheFirst(to)) throw new Error("busy");
    renameSync(from, to);
  });
  const all = ["a", "b", "c"].map((path) => ({ path, content: "new" }));
  const later = [...all, { path: "d", content: "new", was: "something else" }];
  try {
    await expect(writeFiles(folder, later, usual)).rejects.toThrow(
      /^Nothing was written: d has been .* Not all could be undone: b\. What was there before lies in .*replaced\.$/,
    );
  } finally {
    rename.mockRestore();
  }
  const [temporary = "", ...others] = readdirSync(folder);
  expect(others).toEqual(["a", "c"]);
  expect(readFileSync(join(folder, temporary, "replaced/b"), "utf8")).toBe("old b");
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("old a");
});

test("a temporary folder that cannot be removed is named, and the files stand", async () => {
  const { rmSync: remove } = fs;
  const removal = jest.spyOn(fs, "rmSync").mockImplementation((path, options) => {
    if (String(path).includes(".create-ws-app-")) throw new Error("busy");
    remove(path, options);
  });
  try {
    expect(await writeFiles(folder, files, usual)).toMatch(/\.create-ws-app-/);
  } finally {
    removal.mockRestore();
  }
  expect(readFileSync(join(folder, "package.json"), "utf8")).toBe("{}");
});
