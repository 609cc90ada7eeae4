import { asWindowsStarts } from "./windows-program";

const env = { Path: String.raw`C:\Windows;"C:\Program Files\nodejs";.;C:\git\cmd`, PATHEXT: ".EXE;.CMD" };
const present = [
  String.raw`npm.cmd`,
  String.raw`C:\Program Files\nodejs\npm`,
  String.raw`C:\Program Files\nodejs\npm.cmd`,
  String.raw`C:\git\cmd\git.exe`,
];
const start = (command: string) =>
  asWindowsStarts(command, ["install"], env, (path) => present.includes(path));

test("a command file is started by a shell, as one text and with its place", () => {
  expect(start("npm")).toEqual({
    file: String.raw`"C:\Program Files\nodejs\npm.cmd" install`,
    args: [],
    shell: true,
  });
});

test("a program is started without a shell", () => {
  expect(start("git")).toEqual({ file: String.raw`C:\git\cmd\git.exe`, args: ["install"], shell: false });
});

test("what is not on the path is missing", () => {
  expect(start("bun")).toBeUndefined();
});
