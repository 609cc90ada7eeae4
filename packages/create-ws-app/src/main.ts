import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readArguments, usage } from "./arguments";
import { createProject } from "./create-project";
import { nodeIsTooOld, optionTakenByNpm, refusedBySystem } from "./errors";
import { generate } from "./generate";
import { optionKeptByNpm } from "./npm-options";
import { Paint } from "./paint";
import { Interrupted, isOfTheSystem, Problem } from "./problem";

/** Runs the command and gives its exit code. */
export async function main(argv: readonly string[], templatesFolder: string): Promise<number> {
  try {
    requireNode();
    const kept = optionKeptByNpm(process.env);
    if (kept !== undefined) throw optionTakenByNpm(kept);
    const command = readArguments(argv);
    switch (command.kind) {
      case "help":
        console.log(usage);
        break;
      case "version":
        console.log(ownManifest().version);
        break;
      case "generate":
        await generate(command, process.cwd());
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
    const paint = new Paint(process.stderr, process.env);
    if (error instanceof Problem) console.error(paint.red(error.message));
    else if (isOfTheSystem(error)) console.error(paint.red(refusedBySystem(error)));
    else throw error;
    return 1;
  }
}

/** Package managers only warn. */
function requireNode(): void {
  const { engines } = ownManifest();
  const minimum = engines.node.replace(">=", "");
  const own = process.versions.node;
  if (own.localeCompare(minimum, "en", { numeric: true }) >= 0) return;
  throw nodeIsTooOld(minimum, own);
}

function ownManifest(): { readonly version: string; readonly engines: { readonly node: string } } {
  return JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8")) as ReturnType<
    typeof ownManifest
  >;
}
