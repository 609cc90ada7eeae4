import { dirname } from "node:path";
import { Problem } from "./problem";

const NAMED = 8;

/** npm keeps what looks like an option of its own; seen in its environment. */
export function optionTakenByNpm(option: string): Problem {
  return new Problem(
    `npm has taken ${option} for itself. Two dashes come before options: npm create ws-app@latest my-app -- --template minimal`,
  );
}

export function nodeIsTooOld(minimum: string, own: string): Problem {
  return new Problem(`create-ws-app needs Node.js ${minimum} or later; this is ${own}.`);
}

/** What the arguments are read with refuses one. */
export function unreadableArguments(reason: string): Problem {
  return new Problem(`${reason}. See create-ws-app --help.`);
}

export function severalDirectories(directories: readonly string[]): Problem {
  return new Problem(`One directory, please, and not ${directories.length}: ${directories.join(" ")}.`);
}

export function directoryWithoutName(): Problem {
  return new Problem("The directory has no name.");
}

/** An option of `generate` where a project is to be created. */
export function optionOfGenerate(option: string): Problem {
  return new Problem(`${option} belongs to create-ws-app generate.`);
}

/** An option of the creation of a project where something is to be generated. */
export function optionNotOfGenerate(option: string): Problem {
  return new Problem(`${option} does not belong to create-ws-app generate.`);
}

export function unknownPackageManager(name: string, known: readonly string[]): Problem {
  return new Problem(`There is no package manager "${name}" here; there are ${known.join(", ")}.`);
}

export function unknownTemplate(name: string, known: readonly string[]): Problem {
  return new Problem(`There is no template "${name}"; there are ${known.join(", ")}.`);
}

/** Both `--install` and `--no-install`. */
export function contradiction(name: string): Problem {
  return new Problem(`Either --${name} or --no-${name}.`);
}

export function nothingToGenerate(): Problem {
  return new Problem(
    "Say what to generate: create-ws-app generate handler <Name>, or create-ws-app generate interceptor <Name>.",
  );
}

export function nothingToCallIt(what: string): Problem {
  return new Problem(`Say its name: create-ws-app generate ${what} <Name>.`);
}

export function severalNames(rest: readonly string[]): Problem {
  return new Problem(`One name, please: "${rest.join(" ")}" is too much.`);
}

export function interceptorWithoutPath(): Problem {
  return new Problem("Say which handler it stands before: --path <path of the handler>.");
}

/** The directory is still to be made, so it can have the name that the package gets. */
export function nameIsNoPackage(name: string, reason: string, suggestion: string): Problem {
  return new Problem(
    `npm does not take ${JSON.stringify(name)} as the name of a package: ${reason}. How about ${suggestion}?`,
  );
}

export function directoryIsBrokenLink(directory: string): Problem {
  return new Problem(`${directory} is a link to nowhere.`);
}

export function directoryIsFile(directory: string): Problem {
  return new Problem(`${directory} is a file.`);
}

export function directoryIsNotEmpty(directory: string, present: readonly string[]): Problem {
  return new Problem(
    `${directory} is not empty: ${listed(present)}. Choose another directory, or add --overwrite to replace files of the same name.`,
  );
}

/** `--overwrite` replaces a file by a file, and nothing else. */
export function noDirectoryThere(directory: string, paths: readonly string[]): Problem {
  return new Problem(
    `${directory} has a file or a link where a directory has to be, which --overwrite does not replace: ${listed(paths)}.`,
  );
}

export function noFileThere(directory: string, paths: readonly string[]): Problem {
  return new Problem(
    `${directory} has a directory where a file has to be, which --overwrite does not replace: ${listed(paths)}.`,
  );
}

/** @param reason as {@link programFailed} and its like give it. */
export function notInstalled(reason: string, command: string, where: string): Problem {
  return new Problem(`${reason}. The files are written; to go on, run ${command}${where}.`);
}

export function nameSaysNothing(name: string): Problem {
  return new Problem(`"${name}" says nothing about it, or is a name of the framework. How about Chat?`);
}

export function nameIsNoClass(name: string, suggestion: string): Problem {
  return new Problem(
    `"${name}" is no name of a class, which begins with a capital letter. How about ${suggestion}?`,
  );
}

export function pathWithoutSlash(path: string): Problem {
  return new Problem(`A path begins with "/"; this one is "${path}".`);
}

/** The framework refuses some of these characters, and quotes end the text that the path is written as. */
export function pathWithForbidden(path: string): Problem {
  return new Problem(
    `${JSON.stringify(path)} is no path: blanks, quotes, \\, ? and # do not belong into one.`,
  );
}

export function pathWithOddSegment(path: string, segment: string): Problem {
  return new Problem(
    `"${path}" is no path because of its segment "${segment}": a variable is a whole segment, such as {room}; ** is the last one; none is empty, "." or "..".`,
  );
}

export function pathWithVariableTwice(path: string, variable: string): Problem {
  return new Problem(`"${path}" has the variable {${variable}} twice.`);
}

/** There is no handler to add to: the directory is no project. */
export function noProject(handlers: string): Problem {
  return new Problem(
    `There is no ${handlers} here, nor above: run this in a project that create-ws-app has written.`,
  );
}

/** The handlers cannot be read, because the dependencies of the project are not installed. */
export function noTypeScript(): Problem {
  return new Problem(
    "Nothing was written: typescript, with which the handlers are read, is not installed in this project. Install its dependencies, then repeat this command.",
  );
}

/** What the project calls typescript has no parser for other programs, as the native compiler. */
export function typeScriptWithoutParser(version: string): Problem {
  return new Problem(
    `Nothing was written: typescript ${version} of this project cannot read files for other programs. Take one that can, such as "typescript": "^6.0.2".`,
  );
}

/** Files of these names are there. */
export function filesArePresent(paths: readonly string[]): Problem {
  return new Problem(`Nothing was written, because of what is there already: ${paths.join(", ")}.`);
}

/** A file that was to be changed is another one by now. */
export function fileHasChanged(path: string): Problem {
  return new Problem(`Nothing was written: ${path} has been changed meanwhile. Repeat this command.`);
}

/** What had been replaced could not be put back after a failure. */
export function notPutBack(paths: readonly string[], folder: string, reason: string): Problem {
  return new Problem(
    `${reason}. Not all could be undone: ${paths.join(", ")}. What was there before lies in ${folder}.`,
  );
}

/** A full disk, or a directory that belongs to somebody else. */
export function refusedBySystem(error: NodeJS.ErrnoException): string {
  return `Nothing was written. ${reasonOfSystem(error)}`;
}

/** What has a sentence of its own; of all else what the system says. */
export function reasonOfSystem({ code, path, syscall, message }: NodeJS.ErrnoException): string {
  if (path === undefined) return message;
  if (code === "ENOTDIR") return `${path} cannot be made: something above it is a file (${code}).`;
  if (syscall === "mkdir" && ["EACCES", "EPERM", "EROFS"].includes(code ?? "")) {
    return `This user may not write into ${dirname(path)} (${code}). Choose another directory.`;
  }
  return message;
}

/** The files are there, and a folder too much. */
export function leftBehind(folder: string): string {
  return `${folder} could not be removed. Nothing in it is needed.`;
}

/** Two handlers of one path would stop the application at its start. */
export function pathIsServed(path: string, file: string, written: string): Problem {
  if (path === written) return new Problem(`${file} serves ${path} already.`);
  return new Problem(`${file} serves ${written}, and for the framework ${path} is the same path.`);
}

/** An interceptor was to be added to a handler that is not there, or whose path is an expression. */
export function pathIsNotServed(path: string, folder: string, unreadable: readonly string[]): Problem {
  const none = `No handler in ${folder} serves ${path}`;
  if (unreadable.length === 0) return new Problem(`${none}.`);
  return new Problem(
    `${none}, as far as can be read: not all paths are written as text in ${unreadable.join(", ")}.`,
  );
}

/** An interceptor was to be added to one of several handlers. */
export function pathIsServedTwice(path: string, files: readonly string[]): Problem {
  return new Problem(
    `Nothing was written: more than one @WebSocketHandler serves ${path}, in ${files.join(" and ")}.`,
  );
}

/** A file that does not compile is not changed. */
export function fileIsBroken(file: string, reason: string): Problem {
  return new Problem(`Nothing was written: ${file} is no TypeScript as it is: ${reason}`);
}

/** A file that is to import a class has another thing of that name. */
export function nameIsInUse(file: string, className: string): Problem {
  return new Problem(`Nothing was written: ${file} speaks of a ${className} already. Choose another name.`);
}

/** The options of a decorator are written so that it cannot be seen what an addition would do. */
export function cannotAddInterceptor(file: string, reason: string, className: string): Problem {
  return new Problem(
    `Nothing was written: in ${file}, ${reason}. Write { interceptors: [] } into the @WebSocketHandler itself, and ${className} is added there.`,
  );
}

/** The beginnings of what is said about a program that was run. */
export function programIsMissing(command: string): string {
  return `There is no ${command} on this machine`;
}

export function programCannotStart(command: string, reason: string): string {
  return `${command} cannot be started: ${reason}`;
}

export function programEndedBy(line: string, signal: string): string {
  return `${line} was ended by ${signal}`;
}

export function programFailed(line: string, exitCode: number, errors: string): string {
  const said = errors === "" ? "" : `: ${errors.replace(/\.$/, "")}`;
  return `${line} ended with exit code ${exitCode}${said}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(", ");
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}
