import type ts from "typescript";
import { cannotAddInterceptor, fileIsBroken, nameIsInUse } from "./errors";
import { handlerDecoratorsIn, parse, type HandlerDecorator } from "./handler-decorators";
import { insertionBehind, insertionInto, nameOfProperty, type Interceptor } from "./interceptor-insertion";
import type { TypeScript } from "./project-typescript";

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
  const list = options.properties.find((each) => nameOfProperty(typescript, each) === "interceptors");
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
