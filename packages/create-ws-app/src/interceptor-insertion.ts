import type ts from "typescript";
import type { TypeScript } from "./project-typescript";

export interface Interceptor {
  readonly className: string;
  /** As the handler's file imports it. */
  readonly module: string;
}

export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Where the class goes in a decorator, or why it cannot. */
export function insertionInto(
  typescript: TypeScript,
  sourceFile: ts.SourceFile,
  call: ts.CallExpression,
  className: string,
): Insertion | string {
  const [path, options] = call.arguments;
  if (path === undefined) return "the @WebSocketHandler has no path";
  if (options === undefined) return { at: path.getEnd(), text: `, { interceptors: [${className}] }` };
  if (!typescript.isObjectLiteralExpression(options)) return "the options are not written in the decorator";
  const { properties } = options;
  const uncertain = properties.findLastIndex((each) => !hasPlainName(typescript, each));
  const named = properties.filter((each) => nameOfProperty(typescript, each) === "interceptors");
  const [list] = named;
  if (list === undefined) {
    // A list before or behind it would take the place of the other one.
    if (uncertain !== -1) return "the options may hold interceptors that are not written there";
    return insertionOfList(sourceFile, options, className);
  }
  if (named.length > 1 || properties.indexOf(list) < uncertain) {
    return "the options may hold interceptors twice";
  }
  if (!typescript.isPropertyAssignment(list) || !typescript.isArrayLiteralExpression(list.initializer)) {
    return "the interceptors are not a list in the decorator";
  }
  return insertionOfElement(sourceFile, list.initializer, className);
}

function insertionOfList(
  sourceFile: ts.SourceFile,
  options: ts.ObjectLiteralExpression,
  className: string,
): Insertion {
  const start = options.getStart(sourceFile) + 1;
  const [first] = options.properties;
  if (first === undefined) return { at: start, text: ` interceptors: [${className}] ` };
  const lead = sourceFile.text.slice(start, first.getStart(sourceFile));
  if (/\S/.test(lead)) return { at: start, text: ` interceptors: [${className}],` };
  return { at: first.getStart(sourceFile), text: `interceptors: [${className}],${lead}` };
}

/** Behind those that are there: they run in the order in which they stand. */
function insertionOfElement(
  sourceFile: ts.SourceFile,
  { elements }: ts.ArrayLiteralExpression,
  className: string,
): Insertion {
  const last = elements.at(-1);
  if (last === undefined) return { at: elements.pos, text: className };
  const lead = sourceFile.text.slice(0, last.getStart(sourceFile));
  const [ownLine] = /\r?\n[ \t]*$/.exec(lead) ?? [" "];
  return { at: last.getEnd(), text: `,${ownLine}${className}` };
}

/** On the line after the last import, in its manner. */
export function insertionBehind(
  typescript: TypeScript,
  { text }: ts.SourceFile,
  last: ts.ImportDeclaration,
  { className, module }: Interceptor,
): Insertion {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const quote = last.moduleSpecifier.getText().charAt(0);
  const end = last.getText().endsWith(";") ? ";" : "";
  const at = typescript.getTrailingCommentRanges(text, last.getEnd())?.at(-1)?.end ?? last.getEnd();
  const isAlone = /^[^\S\r\n]*(\r?\n|$)/.test(text.slice(at));
  const line = `import { ${className} } from ${quote}${module}${quote}${end}`;
  return { at, text: `${newline}${line}${isAlone ? "" : newline}` };
}

/** Of a spread and of a computed name nobody knows what they are called. */
function hasPlainName(typescript: TypeScript, { name }: ts.ObjectLiteralElementLike): boolean {
  return name !== undefined && !typescript.isComputedPropertyName(name);
}

export function nameOfProperty(
  typescript: TypeScript,
  { name }: ts.ObjectLiteralElementLike,
): string | undefined {
  if (name === undefined || typescript.isComputedPropertyName(name)) return undefined;
  return name.text;
}
