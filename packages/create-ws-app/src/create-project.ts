import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { CreateCommand } from "./arguments";
import { checkTarget } from "./check-target";
import { leftBehind } from "./errors";
import { isInRepository, makeRepository } from "./git-repository";
import { Interruption } from "./interruption";
import { nextSteps } from "./next-steps";
import { installCommand, packageManagerOf, type PackageManager } from "./package-manager";
import { Paint } from "./paint";
import { Problem } from "./problem";
import { mended, nameOf, problemOf } from "./project-name";
import { Questions } from "./questions";
import { runProgram } from "./run-program";
import { findTemplate, planFiles, templates, type Template } from "./templates";
import { writeFiles } from "./write-files";

const DEFAULT_DIRECTORY = "my-ws-app";

interface Choices {
  readonly directory: string;
  readonly template: Template;
  readonly packageManager: PackageManager;
  readonly install: boolean;
  readonly git: boolean;
}

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
  interruption.left = `The project in ${directory} is whole, but its dependencies are not installed: ${installCommand(packageManager)}`;
  if (choices.git) await makeRepositoryIn(target, interruption);
  if (choices.install) await install(target, packageManager, directory, interruption);
  interruption.signal.throwIfAborted();
  const steps = nextSteps({ directory, packageManager, isInstalled: choices.install });
  console.log(`\nDone. Now run:\n\n${steps.map((step) => `  ${paint.bold(step)}`).join("\n")}\n`);
  console.log(template.firstStep);
}

/** By the arguments, else by questions, else by defaults, which are printed. */
async function choose(command: CreateCommand, paint: Paint): Promise<Choices> {
  // Before any question: a wrong argument is wrong whatever the answers are.
  if (command.directory !== undefined) {
    const problem = problemOfName(command.directory);
    if (problem !== undefined) throw new Problem(problem);
    checkTarget(resolve(command.directory), [], command.overwrite);
  }
  const template = command.template === undefined ? undefined : findTemplate(command.template);
  const packageManager = command.packageManager ?? packageManagerOf(process.env["npm_config_user_agent"]);
  const reason = command.noQuestions ?? reasonOfSurroundings();
  if (reason === undefined) return askFor(command, packageManager, paint);

  const directory = command.directory ?? DEFAULT_DIRECTORY;
  const isInside = isInRepository(resolve(directory));
  const choices = {
    directory,
    template: template ?? templates[0],
    packageManager,
    install: command.install ?? true,
    git: (command.git ?? true) && !isInside,
  };
  const defaults = [
    command.directory === undefined && `directory ${directory}`,
    template === undefined && `template ${choices.template.name}`,
    command.packageManager === undefined && `package manager ${packageManager}`,
    command.install === undefined && "install",
    command.git === undefined && !isInside && "make a git repository",
  ].filter((text) => text !== false);
  if (defaults.length > 0) console.log(`No questions, because ${reason}. Defaults: ${defaults.join(", ")}.`);
  if (isInside && command.git !== false) console.log("No git repository is made: this is inside of one.");
  return choices;
}

function reasonOfSurroundings(): string | undefined {
  const { CI } = process.env;
  if (CI !== undefined && !["", "0", "false"].includes(CI)) return "CI is set";
  if (!process.stdin.isTTY || !process.stdout.isTTY) return "this is no terminal";
  return undefined;
}

async function askFor(
  command: CreateCommand,
  packageManager: PackageManager,
  paint: Paint,
): Promise<Choices> {
  using questions = new Questions(paint);
  const directory =
    command.directory ??
    expanded(
      await questions.text("Directory of the project", DEFAULT_DIRECTORY, (answer) =>
        problemOfDirectory(expanded(answer)),
      ),
    );
  const template = await questions.choice("Template", templates);
  const install = await questions.yesOrNo(`Install the dependencies with ${packageManager}?`);
  const isInside = isInRepository(resolve(directory));
  const git = !isInside && (await questions.yesOrNo("Make a git repository?"));
  return { directory, template, packageManager, install, git };
}

/** A directory that is to be made has the name of its package; one that is there keeps its own. */
function problemOfName(directory: string): string | undefined {
  const target = resolve(directory);
  const name = nameOf(target);
  const problem = problemOf(name);
  if (problem === undefined || existsSync(target)) return undefined;
  const better = mended(name) ?? DEFAULT_DIRECTORY;
  // The directories above keep their names.
  const above = name.startsWith("@") ? dirname(dirname(target)) : dirname(target);
  const beside = join(above, better);
  const suggestion = isAbsolute(directory) ? beside : relative(process.cwd(), beside);
  return `npm does not take ${JSON.stringify(name)} as the name of a package: ${problem}. How about ${suggestion}?`;
}

function packageNameIn(target: string): { readonly name: string; readonly notice?: string } {
  const own = nameOf(target);
  const problem = problemOf(own);
  if (problem === undefined) return { name: own };
  const name = mended(own) ?? DEFAULT_DIRECTORY;
  const reason = `npm does not take ${JSON.stringify(own)}: ${problem}`;
  return { name, notice: `The package is called ${name}, because ${reason}.` };
}

/** As a shell would have done with an argument. */
function expanded(answer: string): string {
  return /^~(?=$|[/\\])/.test(answer) ? join(homedir(), answer.slice(1)) : answer;
}

function problemOfDirectory(directory: string): string | undefined {
  const problem = problemOfName(directory);
  if (problem !== undefined) return problem;
  try {
    checkTarget(resolve(directory), [], false);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
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
  const problem = await runProgram(packageManager, ["install"], { cwd: target, env, interruption });
  if (problem === undefined) return;
  const where = relative(process.cwd(), target) === "" ? "" : ` in ${directory}`;
  throw new Problem(`${problem}. The files are written; to go on, run ${command}${where}.`);
}
