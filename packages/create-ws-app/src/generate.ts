import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import type { GenerateCommand } from "./arguments";
import { classNameOf, kebabCase } from "./class-name";
import {
  filesArePresent,
  leftBehind,
  noProject,
  pathIsNotServed,
  pathIsServed,
  pathIsServedTwice,
} from "./errors";
import { requirePath } from "./handler-path";
import { handlerSource, handlerTest } from "./handler-source";
import { interceptorSource, interceptorTest } from "./interceptor-source";
import { Interruption } from "./interruption";
import {
  handlersFolderIn,
  HANDLERS,
  projectAround,
  readHandlers,
  servingIn,
  type HandlerFile,
} from "./project-handlers";
import { loadTypeScript, type TypeScript } from "./project-typescript";
import { register } from "./registration";
import { writeFiles, type NewFile } from "./write-files";

interface Project {
  readonly typescript: TypeScript;
  /** From the directory of the project to the package with the handlers: `""` or `"server/"`. */
  readonly folder: string;
  readonly handlers: readonly HandlerFile[];
}

/** What is generated; the files that it names are written together, or none of them. */
interface Generated {
  readonly created: Readonly<Record<string, string>>;
  readonly changed: readonly NewFile[];
  readonly registration: string;
}

/**
 * Adds a class with its test to a project, and registers it.
 *
 * @throws Problem
 */
export async function generate(command: GenerateCommand, from: string): Promise<void> {
  const directory = projectAround(from);
  const folder = directory && handlersFolderIn(directory);
  if (directory === undefined || folder === undefined) throw noProject(HANDLERS);
  const ending = command.what === "handler" ? "Handler" : "Interceptor";
  const className = classNameOf(command.name, ending);
  const path = command.path ?? `/ws/${kebabCase(className.replace(/Handler$/, ""))}`;
  requirePath(path);

  const typescript = loadTypeScript(join(directory, folder));
  const project = { typescript, folder, handlers: readHandlers(typescript, directory, folder) };
  const plan = command.what === "handler" ? planHandler : planInterceptor;
  const { created, changed, registration } = plan(className, path, project);
  const present = Object.keys(created).filter((file) => existsSync(join(directory, file)));
  if (present.length > 0) throw filesArePresent(present);
  const files: NewFile[] = [
    ...Object.entries(created).map(([file, content]) => ({ path: file, content })),
    ...changed,
  ];
  using interruption = new Interruption();
  const left = await writeFiles(directory, files, { overwrite: false, signal: interruption.signal });
  if (directory !== from) console.log(`In ${directory}:`);
  for (const file of files) console.log(`${file.was === undefined ? "Created" : "Changed"} ${file.path}`);
  if (left !== undefined) console.log(leftBehind(left));
  console.log(registration);
}

function planHandler(className: string, path: string, { folder, handlers }: Project): Generated {
  const file = kebabCase(className);
  for (const other of handlers) {
    const written = servingIn(other.decorators, path)[0]?.paths;
    if (written !== undefined) throw pathIsServed(path, other.file, written.join(" and "));
  }
  return {
    created: {
      [`${folder}${HANDLERS}/${file}.ts`]: handlerSource(className, path),
      [`${folder}test/${file}.test.ts`]: handlerTest(className, file, path),
    },
    changed: [],
    registration: `${className} serves ${path}: the application finds what lies in ${folder}${HANDLERS}.`,
  };
}

function planInterceptor(className: string, path: string, project: Project): Generated {
  const { typescript, folder, handlers } = project;
  const file = kebabCase(className);
  const serving = handlers.flatMap((handler) =>
    servingIn(handler.decorators, path).map((decorator) => ({ handler, decorator })),
  );
  const [found, ...others] = serving;
  if (found === undefined) {
    const unreadable = handlers.filter(({ decorators }) => decorators.some((each) => !each.isReadable));
    throw pathIsNotServed(
      path,
      `${folder}${HANDLERS}`,
      unreadable.map((each) => each.file),
    );
  }
  if (others.length > 0)
    throw pathIsServedTwice(path, [...new Set(serving.map((each) => each.handler.file))]);
  const { handler, decorator } = found;
  const module = posix.relative(posix.dirname(handler.file), `${folder}src/interceptors/${file}`);
  const chosen = handler.decorators.indexOf(decorator);
  const content = register(typescript, handler, chosen, { className, module });
  return {
    created: {
      [`${folder}src/interceptors/${file}.ts`]: interceptorSource(className),
      [`${folder}test/${file}.test.ts`]: interceptorTest(className, file),
    },
    changed: [{ path: handler.file, content, was: handler.source }],
    registration: `${className} is asked before each handshake for ${decorator.paths.join(" and ")}.`,
  };
}
