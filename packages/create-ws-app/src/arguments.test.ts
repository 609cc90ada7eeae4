import { readArguments } from "./arguments";

test("nothing at all asks for everything", () => {
  expect(readArguments([])).toEqual({ kind: "create", overwrite: false, dryRun: false });
});

test("reads a directory and every option", () => {
  const line = "my-chat -t chat --pm pnpm --no-install --git --overwrite --dry-run -y";
  expect(readArguments(line.split(" "))).toEqual({
    kind: "create",
    directory: "my-chat",
    template: "chat",
    packageManager: "pnpm",
    install: false,
    git: true,
    overwrite: true,
    dryRun: true,
    noQuestions: "--yes was given",
  });
});

test.each(["-t chat", "--pm npm", "--install", "--no-install", "--git", "--no-git", "--overwrite", "-y"])(
  "%s means no questions",
  (line) => {
    expect(readArguments(line.split(" "))).toHaveProperty(
      "noQuestions",
      expect.stringMatching(/^--\S+ was given$/),
    );
  },
);

test.each(["", "my-app", "--dry-run"])("%p leaves the questions open", (line) => {
  expect(readArguments(line.split(" ").filter(Boolean))).toHaveProperty("noQuestions", undefined);
});

test.each([
  ["-h", { kind: "help" }],
  ["my-app --help", { kind: "help" }],
  ["-v", { kind: "version" }],
  ["generate handler Room", { kind: "generate", what: "handler", name: "Room", path: undefined }],
  ["generate handler Room --path /ws/r", { kind: "generate", what: "handler", name: "Room", path: "/ws/r" }],
  [
    "generate interceptor Token --path /ws/r",
    { kind: "generate", what: "interceptor", name: "Token", path: "/ws/r" },
  ],
])("%p is read as %p", (line, command) => {
  expect(readArguments(line.split(" "))).toEqual(command);
});

test("two dashes, as npm needs them, may be anywhere", () => {
  expect(readArguments(["my-app", "--", "-t", "chat"])).toMatchObject({
    directory: "my-app",
    template: "chat",
  });
});

test("a directory has a name", () => {
  expect(() => readArguments([""])).toThrow("The directory has no name.");
});

test.each([
  ["--colour", "Unknown option '--colour'. See create-ws-app --help."],
  ["-t", /-t, --template <value>.*argument missing/],
  ["--pm cargo", 'There is no package manager "cargo" here; there are npm, pnpm, yarn, bun.'],
  ["a b", "One directory, please, and not 2: a b."],
  ["--install --no-install", "Either --install or --no-install."],
  ["--path /ws", "--path belongs to create-ws-app generate."],
  ["generate", /^Say what to generate: /],
  ["generate gateway Room", /^Say what to generate: /],
  ["generate handler", "Say its name: create-ws-app generate handler <Name>."],
  ["generate handler A B", 'One name, please: "B" is too much.'],
  ["generate handler A --git", "--git does not belong to create-ws-app generate."],
  ["generate interceptor A", "Say which handler it stands before: --path <path of the handler>."],
])("%p is refused in one line", (line, message) => {
  const read = () => readArguments(line.split(" "));
  expect(read).toThrow(message);
  expect(read).not.toThrow(/\n/);
});
