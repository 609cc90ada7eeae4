import type ts from "typescript";
import { cannotAddInterceptor, fileIsBroken, nameIsInUse } from "./errors";
import { handlerDecoratorsIn, parse, type HandlerDecorator } from "./handler-decorators";
import type { TypeScript } from "./project-typescript";

interface Interceptor {
  readonly className: string;
  /** As the handler's file imports it. */
  readonly module: string;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * Adds an interceptor to a decorator of this file. What comes out has been read again: the interceptor stands there, and
 * nowhere else.
 *
 * @param chosen which of the file's decorators.
 * @throws Problem
 */
export function register(
  typescript: TypeScript,
  { file, source }: { readonly file: string; readonly source: string },
  chosen: number,
  interceptor: Interceptor,
): string {
  const mistake = mistakeIn(typescript, file, source);
  if (mistake !== undefined) throw fileIsBroken(file, mistake);
  const before = parse(typescript, file, source);
  const { className } = interceptor;
  if (identifiersIn(typescript, before).includes(className)) throw nameIsInUse(file, className);
  const refuse = (reason: string) => cannotAddInterceptor(file, reason, className);
  const decorator = handlerDecoratorsIn(typescript, before)[chosen] as HandlerDecorator;
  const lastImport = before.statements.filter(typescript.isImportDeclaration).at(-1);
  if (lastImport === undefined) throw refuse("nothing is imported with import");
  const inDecorator = insertionInto(typescript, before, decorator.call, className);
  if (typeof inDecorator === "string") throw refuse(inDecorator);
  const insertions = [insertionBehind(typescript, before, lastImport, interceptor), inDecorator];
  const changed = insertions
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), source);
  if (!isRegistered(typescript, before, parse(typescript, file, changed), chosen, interceptor)) {
    throw refuse("the @WebSocketHandler is written in a way that is not understood");
  }
  return changed;
}

/** What the parser says first, where a text is not written in TypeScript. */
function mistakeIn(typescript: TypeScript, fileName: string, source: string): string | undefined {
  const { diagnostics = [] } = typescript.transpileModule(source, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { experimentalDecorators: true, target: typescript.ScriptTarget.ESNext },
  });
  const found = diagnostics.find((each) => each.file !== undefined);
  return found && typescript.flattenDiagnosticMessageText(found.messageText, " ");
}

/** Where the class goes in a decorator, or why it cannot. */
function insertionInto(
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
  const named = properties.filter((each) => nameOf(typescript, each) === "interceptors");
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
function insertionBehind(
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

/** Whether what was changed reads as it was meant: one import more, one name more in one decorator, all else as it was. */
function isRegistered(
  typescript: TypeScript,
  before: ts.SourceFile,
  after: ts.SourceFile,
  chosen: number,
  { className, module }: Interceptor,
): boolean {
  if (mistakeIn(typescript, after.fileName, after.text) !== undefined) return false;
  const [old, now] = [before, after].map((each) => handlerDecoratorsIn(typescript, each)) as [
    HandlerDecorator[],
    HandlerDecorator[],
  ];
  const textOf = ({ call }: HandlerDecorator) => call.getText();
  const others = (all: HandlerDecorator[]) => all.map((each, at) => (at === chosen ? "" : textOf(each)));
  if (JSON.stringify(others(old)) !== JSON.stringify(others(now))) return false;
  const options = now[chosen]?.call.arguments[1];
  if (options === undefined || !typescript.isObjectLiteralExpression(options)) return false;
  const list = options.properties.find((each) => nameOf(typescript, each) === "interceptors");
  if (list === undefined || !typescript.isPropertyAssignment(list)) return false;
  if (!typescript.isArrayLiteralExpression(list.initializer)) return false;
  if (list.initializer.elements.at(-1)?.getText() !== className) return false;
  const imported = after.statements
    .filter(typescript.isImportDeclaration)
    .filter((each) => (each.moduleSpecifier as ts.StringLiteral).text === module)
    .filter((each) => each.importClause?.getText() === `{ ${className} }`);
  const identifiers = identifiersIn(typescript, after).filter((name) => name === className);
  return imported.length === 1 && identifiers.length === 2;
}

function identifiersIn(typescript: TypeScript, sourceFile: ts.SourceFile): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (typescript.isIdentifier(node)) names.push(node.text);
    typescript.forEachChild(node, visit);
  };
  visit(sourceFile);
  return names;
}

/** Of a spread and of a computed name nobody knows what they are called. */
function hasPlainName(typescript: TypeScript, { name }: ts.ObjectLiteralElementLike): boolean {
  return name !== undefined && !typescript.isComputedPropertyName(name);
}

function nameOf(typescript: TypeScript, { name }: ts.ObjectLiteralElementLike): string | undefined {
  if (name === undefined || typescript.isComputedPropertyName(name)) return undefined;
  return name.text;
}
