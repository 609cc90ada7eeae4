import { parseArgs, type ParseArgsConfig } from "node:util";
import {
  contradiction,
  directoryWithoutName,
  interceptorWithoutPath,
  nothingToCallIt,
  nothingToGenerate,
  optionNotOfGenerate,
  optionOfGenerate,
  severalDirectories,
  severalNames,
  unknownPackageManager,
  unreadableArguments,
} from "./errors";
import { isPackageManager, packageManagers, type PackageManager } from "./package-manager";

/** What was asked for; what is `undefined` is asked, or has a default. */
export interface CreateCommand {
  readonly kind: "create";
  readonly directory?: string;
  readonly template?: string;
  readonly packageManager?: PackageManager;
  readonly install?: boolean;
  readonly git?: boolean;
  readonly overwrite: boolean;
  readonly dryRun: boolean;
  /** Why nobody shall be asked; `undefined` where the arguments leave it open. */
  readonly noQuestions?: string;
}

export interface GenerateCommand {
  readonly kind: "generate";
  readonly what: "handler" | "interceptor";
  readonly name: string;
  readonly path?: string;
}

export type Command = CreateCommand | GenerateCommand | { readonly kind: "help" | "version" };

export const usage = `Usage: create-ws-app [directory] [options]
       create-ws-app generate handler <Name> [--path <path>]
       create-ws-app generate interceptor <Name> --path <path of a handler>

Writes a WebSocket server with @vernal/websocket into a new directory, or adds a class to one.

  -t, --template <name>            what to begin with
      --pm <npm|pnpm|yarn|bun>     the package manager; otherwise the one that runs this command
      --install, --no-install      install the dependencies, or do not (default: install)
      --git, --no-git              make a git repository, or do not (default: make one)
      --overwrite                  replace files that are in the way; others stay as they are
      --dry-run                    only say what would be written
  -y, --yes                        no questions: take the defaults
      --no-interactive             the same
  -h, --help                       this text
  -v, --version                    the version

Any of --template, --pm, --install, --git and --overwrite, no terminal, or CI in the environment: no questions either.`;

const options = {
  template: { type: "string", short: "t" },
  pm: { type: "string" },
  install: { type: "boolean" },
  "no-install": { type: "boolean" },
  git: { type: "boolean" },
  "no-git": { type: "boolean" },
  overwrite: { type: "boolean" },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  "no-interactive": { type: "boolean" },
  path: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} satisfies ParseArgsConfig["options"];

type Values = ReturnType<typeof parse>["values"];

/** @throws Problem */
export function readArguments(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  return positionals[0] === "generate"
    ? readGenerate(values, positionals.slice(1))
    : readCreate(values, positionals);
}

function parse(argv: readonly string[]) {
  // npm needs two dashes before the options, and those who type them elsewhere mean the same: nothing here begins with one.
  const args = argv.filter((word) => word !== "--");
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's second sentence is about arguments that begin with a dash.
    const [what = ""] = (error as Error).message.split(/\. |\n/);
    throw unreadableArguments(what.replace(/\.$/, ""));
  }
}

function readCreate(values: Values, positionals: readonly string[]): CreateCommand {
  if (positionals.length > 1) {
    throw severalDirectories(positionals);
  }
  if (positionals[0] === "") throw directoryWithoutName();
  if (values.path !== undefined) throw optionOfGenerate("--path");
  return {
    kind: "create",
    directory: positionals[0],
    template: values.template,
    packageManager: readPackageManager(values.pm),
    install: readChoice(values, "install"),
    git: readChoice(values, "git"),
    overwrite: values.overwrite ?? false,
    dryRun: values["dry-run"] ?? false,
    noQuestions: reasonForNoQuestions(values),
  };
}

function readPackageManager(name: string | undefined): PackageManager | undefined {
  if (name === undefined || isPackageManager(name)) return name;
  throw unknownPackageManager(name, packageManagers);
}

function readChoice(values: Values, name: "install" | "git"): boolean | undefined {
  if (values[name] && values[`no-${name}`]) throw contradiction(name);
  if (values[`no-${name}`]) return false;
  return values[name];
}

function reasonForNoQuestions(values: Values): string | undefined {
  const silencing = ["yes", "no-interactive"] as const;
  const configuring = ["template", "pm", "install", "no-install", "git", "no-git", "overwrite"] as const;
  const given = [...silencing, ...configuring].find((name) => values[name] !== undefined);
  return given && `--${given} was given`;
}

function readGenerate(values: Values, positionals: readonly string[]): GenerateCommand {
  const [what, name, ...rest] = positionals;
  const foreign = (Object.keys(values) as (keyof Values)[]).find((option) => option !== "path");
  if (foreign !== undefined) throw optionNotOfGenerate(`--${foreign}`);
  if (what !== "handler" && what !== "interceptor") {
    throw nothingToGenerate();
  }
  if (name === undefined) throw nothingToCallIt(what);
  if (rest.length > 0) throw severalNames(rest);
  if (what === "interceptor" && values.path === undefined) {
    throw interceptorWithoutPath();
  }
  return { kind: "generate", what, name, path: values.path };
}
