import { optionKeptByNpm } from "./npm-options";

const npm = { npm_config_user_agent: "npm/11.19.1 node/v20.20.2 linux x64 workspaces/false" };

// As npm leaves them behind for: npm create ws-app my-app --template chat, and so on.
test.each([
  ["--template", { npm_config_template: "true" }],
  ["-t", { npm_config_t: "true" }],
  ["--pm", { npm_config_pm: "true" }],
  ["--no-install", { npm_config_install: "" }],
  ["--overwrite", { npm_config_overwrite: "true", npm_config_yes: "true" }],
  ["--no-interactive", { npm_config_interactive: "" }],
  ["--dry-run", { npm_config_dry_run: "true" }],
  ["--no-git", { npm_config_git: "false" }],
])("%s is missed", (option, environment) => {
  expect(optionKeptByNpm({ ...npm, ...environment })).toBe(option);
});

test("npm's own settings are not ours", () => {
  expect(optionKeptByNpm({ ...npm, npm_config_yes: "", npm_config_git: "/usr/bin/git" })).toBeUndefined();
  expect(optionKeptByNpm({ npm_config_template: "true" })).toBeUndefined();
});
