import { installCommand, inWordsOf, packageManagerOf, runCommand } from "./package-manager";

test.each([
  ["npm/11.19.1 node/v20.20.2 linux x64", "npm"],
  ["pnpm/12.21.0 npm/? node/v20.20.2 linux x64", "pnpm"],
  ["yarn/1.22.22 npm/? node/v20.20.2 linux x64", "yarn"],
  ["bun/1.3.0 npm/? node/v24.0.0 linux x64", "bun"],
  ["cnpm/9.0.0 npm/? node/v20", "npm"],
  ["", "npm"],
  [undefined, "npm"],
])("%p is %s", (userAgent, packageManager) => {
  expect(packageManagerOf(userAgent)).toBe(packageManager);
});

test("each runs scripts in its own words", () => {
  const commands = (["npm", "pnpm", "yarn", "bun"] as const).map((each) => [
    installCommand(each),
    runCommand(each, "dev"),
    runCommand(each, "test"),
  ]);
  expect(commands).toEqual([
    ["npm install", "npm run dev", "npm test"],
    ["pnpm install", "pnpm dev", "pnpm test"],
    ["yarn install", "yarn dev", "yarn test"],
    ["bun install", "bun run dev", "bun run test"],
  ]);
});

test("a text speaks of the package manager in use", () => {
  const text =
    "`npm install`, `npm run dev`, then `npm test` and `npm start`; npm takes names in small letters.";
  expect(inWordsOf("npm", text)).toBe(text);
  expect(inWordsOf("bun", text)).toBe(
    "`bun install`, `bun run dev`, then `bun run test` and `bun run start`; npm takes names in small letters.",
  );
});

test.each([
  ["npm", "npx --yes create-ws-app"],
  ["pnpm", "pnpm dlx create-ws-app"],
  ["yarn", "npx --yes create-ws-app"],
  ["bun", "bunx create-ws-app"],
] as const)("with %s this command runs without a question", (packageManager, command) => {
  const text = '`npx --yes create-ws-app generate handler Room --path "/ws/rooms/{room}"` writes one.';
  const words = text.replace("npx --yes create-ws-app", command);
  expect(inWordsOf(packageManager, text)).toBe(words);
});

test("the columns of a table stay where they are", () => {
  const table = "| `npm start`   | runs it |\n| `npm run dev` | restarts |";
  expect(inWordsOf("pnpm", table)).toBe("| `pnpm start`  | runs it |\n| `pnpm dev`    | restarts |");
});
