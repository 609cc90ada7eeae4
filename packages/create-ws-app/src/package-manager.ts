export const packageManagers = ["npm", "pnpm", "yarn", "bun"] as const;

export type PackageManager = (typeof packageManagers)[number];

export function isPackageManager(name: string): name is PackageManager {
  return (packageManagers as readonly string[]).includes(name);
}

/** The one that runs this command. Each of them says so in `npm_config_user_agent`: `pnpm/12.21.0 npm/? node/v20…`. */
export function packageManagerOf(userAgent: string | undefined): PackageManager {
  const name = userAgent?.split("/")[0] ?? "";
  return isPackageManager(name) ? name : "npm";
}

/** How a script of package.json is run. */
export function runCommand(packageManager: PackageManager, script: string): string {
  // `bun test` would be a runner of bun's own.
  if (packageManager === "bun") return `bun run ${script}`;
  if (packageManager === "npm") return isShort(script) ? `npm ${script}` : `npm run ${script}`;
  return `${packageManager} ${script}`;
}

export function installCommand(packageManager: PackageManager): string {
  return `${packageManager} install`;
}

/**
 * How this command is run in a project, without a question whether it may be downloaded: nobody may be there to answer. With
 * yarn too it is `npx`, which Node.js brings, as yarn 1 has no `dlx`.
 */
const ownCommand: Readonly<Record<PackageManager, string>> = {
  npm: "npx --yes create-ws-app",
  pnpm: "pnpm dlx create-ws-app",
  yarn: "npx --yes create-ws-app",
  bun: "bunx create-ws-app",
};

/** A text that speaks of npm, for those who use another one. The columns of its tables stay where they are. */
export function inWordsOf(packageManager: PackageManager, text: string): string {
  const inTables = text.replace(/`npm [a-z: -]+` +(?=\|)/g, (cell) =>
    `${translated(packageManager, cell.trimEnd())} `.padEnd(cell.length),
  );
  return translated(packageManager, inTables);
}

function translated(packageManager: PackageManager, text: string): string {
  return text
    .replace(/\bnpm run ([a-z:-]+)/g, (_, script: string) => runCommand(packageManager, script))
    .replace(/\bnpm (start|test)\b/g, (_, script: string) => runCommand(packageManager, script))
    .replace(/\bnpm install\b/g, installCommand(packageManager))
    .replaceAll(ownCommand.npm, ownCommand[packageManager]);
}

function isShort(script: string): boolean {
  return script === "start" || script === "test";
}
