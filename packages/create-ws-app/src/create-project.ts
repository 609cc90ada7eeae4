import { join, relative, resolve } from "node:path";
import type { CreateCommand } from "./arguments";
import { checkTarget } from "./check-target";
import { choose } from "./choices";
import { leftBehind, notInstalled } from "./errors";
import { makeRepository } from "./git-repository";
import { Interruption } from "./interruption";
import { nextSteps } from "./next-steps";
import { installCommand, type PackageManager } from "./package-manager";
import { Paint } from "./paint";
import { planFiles } from "./plan-files";
import { packageNameIn } from "./project-name";
import { runProgram } from "./run-program";
import { sayStillInstalling } from "./still-installing";
import { writeFiles } from "./write-files";

/** @throws Problem, Interrupted */
export async function createProject(command: CreateCommand, templatesFolder: string): Promise<void> {
  const paint = new Paint(process.stdout, process.env);
  const choices = await choose(command, paint);
  const { directory, template, packageManager } = choices;
  const target = resolve(directory);
  const { name, notice } = packageNameIn(target);
  const files = planFiles(join(templatesFolder, template.name), { name, packageManager });
  const paths = files.map(({ path }) => path);
  checkTarget(target, paths, command.overwrite);
  if (notice !== undefined) console.log(notice);
  if (command.dryRun) {
    for (const path of paths) console.log(join(directory, path));
    console.log(`${files.length} files would be written; nothing was.`);
    return;
  }

  using interruption = new Interruption();
  console.log(`Writing the template ${paint.bold(template.name)} into ${paint.bold(directory)} ...`);
  const left = await writeFiles(target, files, {
    overwrite: command.overwrite,
    signal: interruption.signal,
  });
  if (left !== undefined) console.log(leftBehind(left));
  const toInstall = nextSteps({ directory, packageManager, isInstalled: false }).slice(0, -1);
  interruption.left = `The project in ${directory} is whole, but its dependencies are not installed: ${toInstall.join(" && ")}`;
  if (choices.git) await makeRepositoryIn(target, interruption);
  if (choices.install) await install(target, packageManager, directory, interruption);
  interruption.signal.throwIfAborted();
  const steps = nextSteps({ directory, packageManager, isInstalled: choices.install });
  console.log(`\nDone. Now run:\n\n${steps.map((step) => `  ${paint.bold(step)}`).join("\n")}\n`);
  console.log(template.firstStep);
}

async function makeRepositoryIn(target: string, interruption: Interruption): Promise<void> {
  console.log("Making a git repository ...");
  const problem = await makeRepository(target, interruption);
  if (problem !== undefined) console.log(`It was not made. ${problem}.`);
}

async function install(
  target: string,
  packageManager: PackageManager,
  directory: string,
  interruption: Interruption,
): Promise<void> {
  const command = installCommand(packageManager);
  console.log(`Installing the dependencies with ${packageManager} ...`);
  // In a CI, yarn 4 installs nothing that is not in the lock file, and there is none yet.
  const env = { ...process.env, YARN_ENABLE_IMMUTABLE_INSTALLS: "false" };
  const installing = runProgram(packageManager, ["install"], { cwd: target, env, interruption });
  // At a terminal, over the sign that a package manager lets turn there.
  const start = process.stdout.isTTY ? "\r" : "";
  const problem = await sayStillInstalling(installing, (line) => console.log(`${start}${line}`));
  if (problem === undefined) return;
  const where = relative(process.cwd(), target) === "" ? "" : ` in ${directory}`;
  throw notInstalled(problem, command, where);
}
