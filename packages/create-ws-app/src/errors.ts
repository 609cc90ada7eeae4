import { Problem } from "./problem";

/** There is no handler to add to: the directory is no project. */
export function noProject(handlers: string): Problem {
  return new Problem(`There is no ${handlers} here: run this in a project that create-ws-app has written.`);
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
