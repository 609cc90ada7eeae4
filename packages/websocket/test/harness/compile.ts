import { join, resolve } from "node:path";
import ts from "typescript";

const PACKAGE = resolve(__dirname, "../..");
const INDEX = join(PACKAGE, "src/index.ts");
const SNIPPETS = join(PACKAGE, "test/snippets-in-memory");

/** The options of the package, for a program that imports it by its name. */
function compilerOptions(): ts.CompilerOptions {
  const file = join(PACKAGE, "tsconfig.json");
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(textOf(diagnostic));
    },
  };
  const { options } = ts.getParsedCommandLineOfConfigFile(file, {}, host)!;
  return { ...options, types: ["node"], paths: { "@vernal/websocket": [INDEX] } };
}

/**
 * Compiles pieces of code that import `@vernal/websocket`, all in one program; gives the texts of the errors in each,
 * by its name. What one of them adds to the types of the package, the others see too.
 */
export function compileSnippets(
  snippets: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly string[]>> {
  const fileOf = (index: number): string => join(SNIPPETS, `${index}.ts`);
  const files = new Map(Object.values(snippets).map((code, index) => [fileOf(index), code]));
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const onDisk = host.getSourceFile.bind(host);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => files.get(path) ?? ts.sys.readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = files.get(path);
    return text === undefined ? onDisk(path, language, ...rest) : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const errors = Object.keys(snippets).map((name, index): [string, string[]] => {
    const source = program.getSourceFile(fileOf(index));
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return [name, found.map(textOf)];
  });
  return Object.fromEntries(errors);
}

/** One thing that the package exports. */
export interface PublicExport {
  readonly name: string;
  readonly docstring: string;
  /** What is declared outside of the package and passed on has no text of ours. */
  readonly isOurs: boolean;
}

/** The exports of `index.ts`, and each place in the declarations of the root files that says `any`. */
export function readPublicTypes(): {
  readonly exports: readonly PublicExport[];
  readonly anys: readonly string[];
} {
  const options = { ...compilerOptions(), noEmit: false, declaration: true, emitDeclarationOnly: true };
  const program = ts.createProgram([INDEX], options);
  const checker = program.getTypeChecker();
  const index = checker.getSymbolAtLocation(program.getSourceFile(INDEX)!);
  const exports = checker.getExportsOfModule(index!).map((symbol): PublicExport => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return {
      name: symbol.name,
      docstring: ts.displayPartsToString(target.getDocumentationComment(checker)),
      isOurs: target.declarations!.some((declaration) => isOurs(declaration.getSourceFile().fileName)),
    };
  });

  const anys: string[] = [];
  for (const { fileName } of program.getSourceFiles()) {
    if (!isOurs(fileName) || fileName.includes("/engine/")) continue;
    program.emit(
      program.getSourceFile(fileName),
      (path, text) => anys.push(...anysIn(path, text)),
      undefined,
      true,
    );
  }
  return { exports, anys };
}

function isOurs(fileName: string): boolean {
  return fileName.startsWith(join(PACKAGE, "src/"));
}

/** Comments may say "any"; types may not. */
function anysIn(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${path}: ${node.parent.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function textOf(diagnostic: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
}
