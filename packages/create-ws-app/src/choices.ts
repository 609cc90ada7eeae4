import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { CreateCommand } from "./arguments";
import { checkTarget } from "./check-target";
import { reasonOfSystem } from "./errors";
import { isInRepository } from "./git-repository";
import { packageManagerOf, type PackageManager } from "./package-manager";
import type { Paint } from "./paint";
import { isOfTheSystem, Problem } from "./problem";
import { DEFAULT_NAME, requirePackageName } from "./project-name";
import { Questions } from "./questions";
import { findTemplate, templates, type Template } from "./templates";

const NO_REPOSITORY = "No git repository is made: this is inside of one.";

export interface Choices {
  readonly directory: string;
  readonly template: Template;
  readonly packageManager: PackageManager;
  readonly install: boolean;
  readonly git: boolean;
}

/**
 * By the arguments, else by questions, else by defaults, which are printed.
 *
 * @throws Problem, Interrupted
 */
export async function choose(command: CreateCommand, paint: Paint): Promise<Choices> {
  // Before any question: a wrong argument is wrong whatever the answers are.
  if (command.directory !== undefined) {
    requirePackageName(command.directory);
    checkTarget(resolve(command.directory), [], command.overwrite);
  }
  const template = command.template === undefined ? undefined : findTemplate(command.template);
  const packageManager = command.packageManager ?? packageManagerOf(process.env["npm_config_user_agent"]);
  const reason = command.noQuestions ?? reasonOfSurroundings();
  if (reason === undefined) return askFor(command, packageManager, paint);

  const directory = command.directory ?? DEFAULT_NAME;
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
  if (isInside && command.git !== false) console.log(NO_REPOSITORY);
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
      await questions.text("Directory of the project", DEFAULT_NAME, (answer) =>
        problemOfDirectory(expanded(answer)),
      ),
    );
  const template = await questions.choice("Template", templates);
  // Where only the files are named, neither would be done.
  if (command.dryRun) return { directory, template, packageManager, install: false, git: false };
  const install = await questions.yesOrNo(`Install the dependencies with ${packageManager}?`);
  const isInside = isInRepository(resolve(directory));
  if (isInside) console.log(NO_REPOSITORY);
  const git = !isInside && (await questions.yesOrNo("Make a git repository?"));
  return { directory, template, packageManager, install, git };
}

/** As a shell would have done with an argument. */
function expanded(answer: string): string {
  return /^~(?=$|[/\\])/.test(answer) ? join(homedir(), answer.slice(1)) : answer;
}

function problemOfDirectory(directory: string): string | undefined {
  try {
    requirePackageName(directory);
    checkTarget(resolve(directory), [], false);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    if (isOfTheSystem(error)) return reasonOfSystem(error);
    throw error;
  }
}
