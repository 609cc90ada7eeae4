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

test("a directory with blanks is quoted", () => {
  const [step] = nextSteps({ directory: "my apps/chat", packageManager: "npm", isInstalled: true });
  expect(step).toBe('cd "my apps/chat"');
});
