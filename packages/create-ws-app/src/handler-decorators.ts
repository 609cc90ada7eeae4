import type ts from "typescript";
import type { TypeScript } from "./project-typescript";

const PACKAGE = "@vernal/websocket";
const NAME = "WebSocketHandler";

/** A `@WebSocketHandler(…)` before a class. */
export interface HandlerDecorator {
  readonly call: ts.CallExpression;
  /** Those that are written as text. */
  readonly paths: readonly string[];
  /** Whether all of them are. */
  readonly isReadable: boolean;
}

export function parse(typescript: TypeScript, file: string, source: string): ts.SourceFile {
  return typescript.createSourceFile(file, source, typescript.ScriptTarget.Latest, true);
}

/** In the order in which they stand. */
export function handlerDecoratorsIn(typescript: TypeScript, sourceFile: ts.SourceFile): HandlerDecorator[] {
  const names = namesIn(typescript, sourceFile);
  const found: HandlerDecorator[] = [];
  const visit = (node: ts.Node): void => {
    if (typescript.isClassDeclaration(node) || typescript.isClassExpression(node)) {
      for (const { expression } of typescript.getDecorators(node) ?? []) {
        if (!typescript.isCallExpression(expression)) continue;
        if (!names.has(expression.expression.getText(sourceFile))) continue;
        found.push({ call: expression, ...pathsOf(typescript, expression.arguments[0]) });
      }
    }
    typescript.forEachChild(node, visit);
  };
  visit(sourceFile);
  return found;
}

/** What the decorator is called in this file. One that comes through a file of the project is called as it is. */
function namesIn(typescript: TypeScript, sourceFile: ts.SourceFile): ReadonlySet<string> {
  const names = new Set([NAME]);
  for (const statement of sourceFile.statements) {
    if (!typescript.isImportDeclaration(statement)) continue;
    const { importClause, moduleSpecifier } = statement;
    if (!typescript.isStringLiteral(moduleSpecifier) || moduleSpecifier.text !== PACKAGE) continue;
    const bindings = importClause?.namedBindings;
    if (bindings === undefined) continue;
    if (typescript.isNamespaceImport(bindings)) names.add(`${bindings.name.text}.${NAME}`);
    else
      for (const { name, propertyName } of bindings.elements)
        if (propertyName?.text === NAME) names.add(name.text);
  }
  return names;
}

function pathsOf(typescript: TypeScript, argument: ts.Expression | undefined) {
  if (argument === undefined) return { paths: [], isReadable: false };
  const written = bare(typescript, argument);
  const elements = typescript.isArrayLiteralExpression(written) ? [...written.elements] : [written];
  const texts = elements
    .map((element) => bare(typescript, element))
    .filter((element) => typescript.isStringLiteralLike(element));
  return { paths: texts.map(({ text }) => text), isReadable: texts.length === elements.length };
}

/** Without brackets around it, and without a type behind it. */
function bare(typescript: TypeScript, expression: ts.Expression): ts.Expression {
  let inner = expression;
  while (
    typescript.isParenthesizedExpression(inner) ||
    typescript.isAsExpression(inner) ||
    typescript.isSatisfiesExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}
