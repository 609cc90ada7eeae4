import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { handlerDecoratorsIn, parse, type HandlerDecorator } from "./handler-decorators";
import { shapeOf } from "./handler-path";
import type { TypeScript } from "./project-typescript";

/** Where the application looks for handlers. */
export const HANDLERS = "src/handlers";
/** Where the handlers are: here, or in one of several packages. */
const FOLDERS = ["", "server/"];
/** What the application does not look into either. */
const SKIPPED_FOLDERS = new Set(["node_modules", "test", "tests", "__tests__", "__mocks__"]);
const SOURCE = /(?<!\.d|\.test|\.spec)\.[cm]?ts$/;

export interface HandlerFile {
  /** In the directory, with `/`. */
  readonly file: string;
  readonly source: string;
  readonly decorators: readonly HandlerDecorator[];
}

/** From a directory to the package with the handlers: `""` or `"server/"`; `undefined` where neither has any. */
export function handlersFolderIn(directory: string): string | undefined {
  return FOLDERS.find((each) => existsSync(join(directory, each, HANDLERS)));
}

/** The project around a directory: itself, or the nearest one above it that has handlers. */
export function projectAround(directory: string): string | undefined {
  const isProject = existsSync(join(directory, "package.json")) && handlersFolderIn(directory) !== undefined;
  if (isProject) return directory;
  const above = dirname(directory);
  return above === directory ? undefined : projectAround(above);
}

export function readHandlers(typescript: TypeScript, directory: string, folder: string): HandlerFile[] {
  return filesIn(directory, `${folder}${HANDLERS}`).map((file) => {
    const source = readFileSync(join(directory, file), "utf8");
    return { file, source, decorators: handlerDecoratorsIn(typescript, parse(typescript, file, source)) };
  });
}

/** The decorators of a path, whatever its variables are called. */
export function servingIn(decorators: readonly HandlerDecorator[], path: string): HandlerDecorator[] {
  return decorators.filter(({ paths }) => paths.some((each) => shapeOf(each) === shapeOf(path)));
}

/** Without links, and without names that begin with a dot: editors leave both behind. */
function filesIn(directory: string, folder: string): string[] {
  return readdirSync(join(directory, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : filesIn(directory, path);
      return entry.isFile() && SOURCE.test(entry.name) ? [path] : [];
    });
}
