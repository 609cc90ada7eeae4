import { relative, resolve } from "node:path";
import { installCommand, runCommand, type PackageManager } from "./package-manager";

/** The commands that are left, one a line, in the syntax of the package manager. */
export function nextSteps(project: {
  /** As it was typed. */
  readonly directory: string;
  readonly packageManager: PackageManager;
  readonly isInstalled: boolean;
}): string[] {
  const { directory, packageManager, isInstalled } = project;
  const steps: string[] = [];
  if (relative(process.cwd(), resolve(directory)) !== "") steps.push(`cd ${quoted(directory)}`);
  if (!isInstalled) steps.push(installCommand(packageManager));
  steps.push(runCommand(packageManager, "dev"));
  return steps;
}

/** As a shell takes it. */
function quoted(directory: string): string {
  // A ~ at the beginning would be the home directory, and a - an option.
  if (/^(?![~-])[\p{L}\p{N}_@./\\:~+-]+$/u.test(directory)) return directory;
  if (directory.startsWith("-")) return quoted(`./${directory}`);
  return process.platform === "win32" ? `"${directory}"` : `'${directory.replaceAll("'", () => "'\\''")}'`;
}
