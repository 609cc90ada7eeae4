import { nextSteps } from "./next-steps";

test("what is left, in the words of the package manager", () => {
  expect(nextSteps({ directory: "my-chat", packageManager: "pnpm", isInstalled: false })).toEqual([
    "cd my-chat",
    "pnpm install",
    "pnpm dev",
  ]);
});

test("nothing that is done already", () => {
  expect(nextSteps({ directory: ".", packageManager: "npm", isInstalled: true })).toEqual(["npm run dev"]);
});

test.each([
  ["my apps/chat", "cd 'my apps/chat'"],
  ["a$b/chat", "cd 'a$b/chat'"],
  ["ada's/chat", "cd 'ada'\\''s/chat'"],
  ["채팅/chat", "cd 채팅/chat"],
  ["./apps/chat", "cd ./apps/chat"],
  ["~/chat", "cd '~/chat'"],
  ["chat~1", "cd chat~1"],
  ["-chat", "cd ./-chat"],
])("a shell takes %s", (directory, step) => {
  const [first] = nextSteps({ directory, packageManager: "npm", isInstalled: true });
  expect(first).toBe(step);
});

test.each([".", "./", "apps/.."])("%s is here", (directory) => {
  expect(nextSteps({ directory, packageManager: "npm", isInstalled: true })).toEqual(["npm run dev"]);
});
