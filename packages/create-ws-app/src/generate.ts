import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import type { GenerateCommand } from "./arguments";
import { handlerSource, handlerTest } from "./handler-source";
import { interceptorSource, interceptorTest } from "./interceptor-source";
import { Interruption } from "./interruption";
import { Problem } from "./problem";
import { register } from "./registration";
import { writeFiles } from "./write-files";

const HANDLERS = "src/handlers";
/** Where the handlers are: here, or in one of several packages. */
const FOLDERS = ["", "server/"];

interface Project {
  /** The current directory. */
  readonly directory: string;
  /** From there to the package with the handlers: `""` or `"server/"`. */
  readonly folder: string;
}
/** What the generated files import, and names without a word of their own. */
const TAKEN = new Set([
  "Handler",
  "WebSocketHandler",
  "TextWebSocketHandler",
  "Interceptor",
  "HandshakeInterceptor",
]);

/** What is generated; the files that it names are written together, or none of them. */
interface Generated {
  readonly created: Readonly<Record<string, string>>;
  readonly changed: Readonly<Record<string, string>>;
  readonly registration: string;
}

/**
 * Adds a class with its test to a project, and registers it.
 *
 * @throws Problem
 */
export async function generate(command: GenerateCommand, directory: string): Promise<void> {
  const folder = FOLDERS.find((each) => existsSync(join(directory, each, HANDLERS)));
  if (folder === undefined) {
    throw new Problem(`There is no ${HANDLERS} here: run this in a project that create-ws-app has written.`);
  }
  const project = { directory, folder };
  const { created, changed, registration } =
    command.what === "handler" ? planHandler(command, project) : planInterceptor(command, project);
  const present = Object.keys(created).filter((path) => existsSync(join(directory, path)));
  if (present.length > 0)
    throw new Problem(`Nothing was written, because of what is there already: ${present.join(", ")}.`);
  const files = Object.entries({ ...created, ...changed }).map(([path, content]) => ({ path, content }));
  using interruption = new Interruption();
  await writeFiles(directory, files, interruption.signal);
  for (const { path } of files) console.log(`${path in changed ? "Changed" : "Created"} ${path}`);
  console.log(registration);
}

function planHandler({ name, path: given }: GenerateCommand, project: Project): Generated {
  const { folder } = project;
  const className = classNameOf(name, "Handler");
  const file = kebabCase(className);
  const path = given ?? `/ws/${kebabCase(className.replace(/Handler$/, ""))}`;
  requirePath(path);
  const other = handlersIn(project).find(({ source }) => source.includes(JSON.stringify(path)));
  if (other !== undefined) throw new Problem(`${other.file} serves ${path} already.`);
  return {
    created: {
      [`${folder}${HANDLERS}/${file}.ts`]: handlerSource(className, path),
      [`${folder}test/${file}.test.ts`]: handlerTest(className, file, path),
    },
    changed: {},
    registration: `${className} serves ${path}: the application finds what lies in ${folder}${HANDLERS}.`,
  };
}

function planInterceptor({ name, path = "" }: GenerateCommand, project: Project): Generated {
  const { folder } = project;
  const className = classNameOf(name, "Interceptor");
  const file = kebabCase(className);
  requirePath(path);
  const handler = handlersIn(project).find(({ source }) => source.includes(JSON.stringify(path)));
  if (handler === undefined) throw new Problem(`No handler in ${folder}${HANDLERS} serves ${path}.`);
  const module = posix.relative(posix.dirname(handler.file), `${folder}src/interceptors/${file}`);
  const registered = register(handler.source, { path, className, module });
  if (registered === undefined) {
    throw new Problem(
      `The @WebSocketHandler in ${handler.file} is written in a way that cannot be changed from here; nothing was written.`,
    );
  }
  return {
    created: {
      [`${folder}src/interceptors/${file}.ts`]: interceptorSource(className),
      [`${folder}test/${file}.test.ts`]: interceptorTest(className, file),
    },
    changed: { [handler.file]: registered },
    registration: `${className} is asked before each handshake for ${path}.`,
  };
}

function handlersIn({ directory, folder }: Project): { file: string; source: string }[] {
  return readdirSync(join(directory, folder, HANDLERS), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${folder}${HANDLERS}/${file.replaceAll("\\", "/")}`)
    .map((file) => ({ file, source: readFileSync(join(directory, file), "utf8") }));
}

function classNameOf(name: string, ending: string): string {
  if (/^[A-Z][A-Za-z0-9]*$/.test(name)) {
    const className = name.endsWith(ending) ? name : name + ending;
    if (!TAKEN.has(className)) return className;
    throw new Problem(`"${name}" says nothing about it, or is a name of the framework. How about Chat?`);
  }
  const words = name.match(/[A-Za-z0-9]+/g) ?? [];
  const mended = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const suggestion = /^[A-Z]/.test(mended) ? mended : "Chat";
  throw new Problem(
    `"${name}" is no name of a class, which begins with a capital letter. How about ${suggestion}?`,
  );
}

/** As files are named: `RoomHandler` in room-handler.ts. */
function kebabCase(className: string): string {
  return className.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
}

/** As the framework takes it. */
function requirePath(path: string): void {
  if (!path.startsWith("/")) throw new Problem(`A path begins with "/"; this one is "${path}".`);
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\s"'`\\?#\u0000-\u001f\u007f-\u009f]/.test(path)) {
    throw new Problem(
      `${JSON.stringify(path)} is no path: blanks, quotes, \\, ? and # do not belong into one.`,
    );
  }
  if (path === "/") return;
  const segments = path.slice(1).split("/");
  const odd = segments.find((segment, index) => !isSegment(segment, index === segments.length - 1));
  if (odd !== undefined) {
    throw new Problem(
      `"${path}" is no path because of its segment "${odd}": a variable is a whole segment, such as {room}; ** is the last one; none is empty, "." or "..".`,
    );
  }
  const variables = segments.filter((segment) => segment.startsWith("{"));
  const twice = variables.find((variable, index) => variables.indexOf(variable) !== index);
  if (twice !== undefined) throw new Problem(`"${path}" has the variable ${twice} twice.`);
}

function isSegment(text: string, isLast: boolean): boolean {
  if (/^\{[A-Za-z_]\w*\}$/.test(text)) return true;
  if (text.includes("**")) return text === "**" && isLast;
  // Without an escape that cannot be decoded.
  return !/[{}]|%(?![\dA-F]{2})/i.test(text) && !["", ".", ".."].includes(text);
}
