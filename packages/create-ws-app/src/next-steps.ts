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
  if (directory !== ".")
    steps.push(`cd ${/^[\w@./\\:~+-]+$/.test(directory) ? directory : `"${directory}"`}`);
  if (!isInstalled) steps.push(installCommand(packageManager));
  steps.push(runCommand(packageManager, "dev"));
  return steps;
}
