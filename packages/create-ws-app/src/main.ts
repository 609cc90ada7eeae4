import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readArguments, usage } from "./arguments";
import { createProject } from "./create-project";
import { generate } from "./generate";
import { Paint } from "./paint";
import { Interrupted, Problem } from "./problem";

/** Runs the command and gives its exit code. */
export async function main(argv: readonly string[], templatesFolder: string): Promise<number> {
  try {
    const command = readArguments(argv);
    switch (command.kind) {
      case "help":
        console.log(usage);
        break;
      case "version":
        console.log(ownVersion());
        break;
      case "generate":
        generate(command, process.cwd());
        break;
      case "create":
        await createProject(command, templatesFolder);
    }
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error(`Interrupted. ${error.message}`);
      return error.exitCode;
    }
    if (!(error instanceof Problem) && !isOfTheSystem(error)) throw error;
    console.error(new Paint(process.stderr, process.env).red(error.message));
    return 1;
  }
}

/** A full disk, a directory that is not ours to write into: their messages say what and where. */
function isOfTheSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

function ownVersion(): string {
  const manifest = readFileSync(join(__dirname, "../package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
