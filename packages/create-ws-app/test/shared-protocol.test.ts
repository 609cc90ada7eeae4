import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./command";

const own = join(__dirname, "..");
const repository = join(own, "../..");
const tsc = join(repository, "node_modules/typescript7/bin/tsc");

let folder: string;
let template: string;

/** A copy of the template, with what is installed for the original. */
beforeEach(() => {
  folder = makeFolder();
  template = join(folder, "templates/client-and-server");
  const source = join(own, "templates/client-and-server");
  cpSync(join(own, "every-project"), join(folder, "every-project"), { recursive: true });
  const isInstalled = (path: string) => /[\\/](node_modules|dist)$/.test(path);
  cpSync(source, template, { recursive: true, filter: (path) => !isInstalled(path) });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"), "junction");
  for (const each of ["", "client", "server"]) {
    symlinkSync(join(source, each, "node_modules"), join(template, each, "node_modules"), "junction");
  }
});

afterEach(() => rmSync(folder, { recursive: true }));

function changeProtocol(from: string, to: string): void {
  const file = join(template, "server/src/protocol.ts");
  const source = readFileSync(file, "utf8");
  expect(source).toContain(from);
  writeFileSync(file, source.replace(from, to));
}

/** The files of a package in which the compiler finds something wrong. */
function wrongFiles(name: "client" | "server"): string[] {
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", name, "--pretty", "false"], {
    cwd: template,
    encoding: "utf8",
  });
  const files = [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error/gm)].map(([, file = ""]) => file);
  return [...new Set(files)];
}

test("as it is, both sides compile", () => {
  expect([wrongFiles("client"), wrongFiles("server")]).toEqual([[], []]);
});

test("what a client says and the server does not expect compiles on neither side", () => {
  changeProtocol("readonly option: string", "readonly choice: string");
  expect(wrongFiles("client")).toContain("client/src/ballot.ts");
  expect(wrongFiles("server")).toContain("server/src/handlers/poll-handler.ts");
});

test("what the server says and a client does not expect compiles on neither side", () => {
  changeProtocol("readonly question: string", "readonly title: string");
  expect(wrongFiles("client")).toContain("client/src/poll-page.ts");
  expect(wrongFiles("server")).toContain("server/src/handlers/poll-handler.ts");
});
