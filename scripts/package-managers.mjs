import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { readJson, run } from "./repository.mjs";

// How each is called, and the package that it comes from; npm is there already.
const kinds = {
  npm: { command: "npm", create: ["create", "--yes", "ws-app@latest", "--"] },
  pnpm: { command: "pnpm", create: ["create", "ws-app"], from: readJson("package.json").packageManager },
  yarn1: { command: "yarn", create: ["create", "ws-app"], from: "yarn@1", isApart: true },
  yarn4: { command: "yarn", create: ["create", "ws-app"], from: "@yarnpkg/cli-dist@4", isApart: true },
  bun: { command: "bun", create: ["create", "ws-app"], from: "bun@1", isApart: true },
};

export const packageManagerNames = Object.keys(kinds);

/**
 * A package manager that takes packages from `registry` and keeps what it remembers of them in `folder`; those that are
 * `isApart` keep everything there, and the others have what they downloaded before.
 */
export async function providePackageManager(name, folder, registry) {
  const { command, create, from, isApart } = kinds[name];
  const env = {
    ...registryIn(registry),
    // The caches of what `create` has run, which are by name and version.
    npm_config_update_notifier: "false",
    // Of the npm that has started these tests: bun says who it is only where nobody has.
    npm_config_user_agent: undefined,
    XDG_CACHE_HOME: join(folder, "cache"),
    // A machine that builds commits the lock file first.
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    ...(isApart ? { HOME: folder, YARN_GLOBAL_FOLDER: join(folder, "yarn") } : {}),
  };
  mkdirSync(folder, { recursive: true });
  if (from !== undefined) {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const args = ["install", from, "--no-audit", "--no-fund", "--loglevel=error"];
    const { ok, output } = await run("npm", args, { cwd: folder });
    if (!ok) throw new Error(`${from} cannot be installed.\n${output}`);
    env.PATH = `${join(folder, "node_modules/.bin")}${delimiter}${process.env.PATH}`;
  }
  let last = Promise.resolve();
  const afterTheOthers = (work) => (last = last.then(work, work));
  const runIt = (args, options) => run(command, args, { ...options, env: { ...env, ...options.env } });
  return {
    command,
    // yarn 1 installs what it creates with for the whole machine, and fills its cache for one project at a time.
    create: (args, options) =>
      afterTheOthers(() =>
        runIt([...create, ...args], {
          ...options,
          // npm keeps what it has created with for good.
          env: name === "npm" ? { npm_config_cache: join(folder, "npm") } : {},
        }),
      ),
    install: (options) =>
      isApart
        ? afterTheOthers(() => runIt(["install"], options))
        : runIt(["install", ...(name === "npm" ? npmFlags : [])], options),
    runScript: (script, options) => runIt(["run", script], options),
  };
}

const npmFlags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];

function registryIn(registry) {
  return {
    npm_config_registry: registry,
    pnpm_config_registry: registry,
    YARN_REGISTRY: registry,
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_UNSAFE_HTTP_WHITELIST: new URL(registry).hostname,
    BUN_CONFIG_REGISTRY: registry,
  };
}
