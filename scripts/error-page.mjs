import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { isMain, root } from "./repository.mjs";

const page = "docs/reference/errors.md";
// Each file after those that it imports.
const chapters = {
  "packages/websocket/src/wiring-errors.ts": "Found while the application is put together",
  "packages/websocket/src/injection-errors.ts": "Found in what is injected",
  "packages/websocket/src/errors.ts": "The start itself, the server, options, and wrong calls",
  "packages/websocket/src/client-errors.ts": "Clients",
  "packages/testing/src/errors.ts": "In tests, by @vernal/testing",
  "packages/testing/src/contract-errors.ts": "In tests, by the contract suites of @vernal/testing",
};
const packages = ["packages/websocket", "packages/testing"];
const intro = `# Errors

Every error of Vernal is a \`VernalError\` with a \`code\`, which is permanent, and a text, which may get better: compare
codes, never texts. The text says what happened, where, and how to fix it. Below, each code with the texts that it has.

One is not below, because it is yours: a \`CloseSessionError\`, which a callback throws to close its session with a status, has
the code \`VERNAL_CLOSE_SESSION\`, and the log shows it at debug.

This page is made by \`node scripts/error-page.mjs\` out of
${Object.keys(chapters)
  .map((file) => `[${file}](../../${file})`)
  .join(",\n")}; change it there.
`;

/** Whether the page is what the catalogue makes of it, and every code is tested. */
export function checkErrorPage() {
  try {
    const entries = readCatalogue();
    const problems = untestedCodes(entries);
    const written = existsSync(join(root, page)) ? readFileSync(join(root, page), "utf8") : "";
    if (written !== render(entries)) problems.push(`${page} is out of date: run node scripts/error-page.mjs`);
    return { ok: problems.length === 0, output: problems.map((problem) => `${problem}\n`).join("") };
  } catch (error) {
    return { ok: false, output: `${error.message}\n` };
  }
}

/** One entry for each example: its chapter, its code, when it happens, and the text as it is printed. */
function readCatalogue() {
  const catalogue = load();
  const problems = [];
  const entries = [];
  for (const file of Object.keys(chapters)) {
    for (const { name, when, examples } of factoriesOf(file)) {
      if (when === "") problems.push(`${file}: the comment on ${name} does not say when it happens`);
      if (examples.length === 0) problems.push(`${file}: the comment on ${name} has no @example`);
      for (const example of examples) {
        try {
          const { code, message } = evaluate(example, catalogue(file));
          entries.push({ file, code, when, text: message.trimEnd() });
        } catch (error) {
          problems.push(`${file}: the @example of ${name} cannot be evaluated: ${error.message}`);
        }
      }
    }
    const described = new Set(entries.map(({ code }) => code));
    for (const code of new Set(readSource(file).match(/(?<=")VERNAL_[A-Z_]+(?=")/g))) {
      if (!described.has(code)) problems.push(`${file}: no exported function has an @example for ${code}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return entries;
}

function readSource(file) {
  return readFileSync(join(root, file), "utf8");
}

/** The exported functions that make an error, with what their comments say. */
function factoriesOf(file) {
  const { statements } = ts.createSourceFile(file, readSource(file), ts.ScriptTarget.Latest, true);
  const textOf = (comment) => (ts.getTextOfJSDocComment(comment) ?? "").trim();
  return statements
    .filter((each) => ts.isFunctionDeclaration(each) && each.type?.getText() === "VernalError")
    .map((each) => ({
      name: each.name.text,
      when: textOf(each.jsDoc?.at(-1)?.comment),
      examples: ts
        .getJSDocTags(each)
        .filter(({ tagName }) => tagName.text === "example")
        .map(({ comment }) => textOf(comment)),
    }));
}

/**
 * Compiles the files of the catalogue, which import nothing but each other and Node; gives what those of the package of a
 * file export.
 */
function load() {
  const modules = new Map();
  const require = (file) => {
    if (!modules.has(file)) {
      const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
      const { outputText } = ts.transpileModule(readSource(file), { compilerOptions: options });
      const exports = {};
      modules.set(file, exports);
      new Function("exports", "require", outputText)(exports, (name) => {
        if (name.startsWith("node:")) return process.getBuiltinModule(name);
        // Of a package only what throws is asked for.
        if (name.startsWith("@vernal/"))
          return require(`${name.replace("@vernal", "packages")}/src/errors.ts`);
        return require(`${join(dirname(file), name)}.ts`);
      });
    }
    return modules.get(file);
  };
  const files = Object.keys(chapters);
  return (file) => Object.assign({}, ...files.filter((each) => dirname(each) === dirname(file)).map(require));
}

function evaluate(example, catalogue) {
  return new Function(...Object.keys(catalogue), `return ${example};`)(...Object.values(catalogue));
}

function untestedCodes(entries) {
  const folders = packages.flatMap((each) => ["src", "test"].map((name) => join(root, each, name)));
  const tests = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => readFileSync(join(folder, file), "utf8")),
  );
  const codes = [...new Set(entries.map(({ code }) => code))];
  return codes
    .filter((code) => !tests.some((text) => new RegExp(`\\b${code}\\b`).test(text)))
    .map((code) => `no test of ${packages.join(" or ")} names ${code}`);
}

function render(entries) {
  const parts = [intro];
  for (const [file, title] of Object.entries(chapters)) {
    const own = entries.filter((entry) => entry.file === file);
    parts.push(`## ${title}\n`);
    for (const code of [...new Set(own.map((entry) => entry.code))].sort()) {
      parts.push(`### ${code}\n`);
      let said;
      for (const { when, text } of own.filter((entry) => entry.code === code)) {
        if (when !== said) parts.push(`${when}\n`);
        said = when;
        parts.push(`\`\`\`text\n${text.split("\n").map(wrap).join("\n")}\n\`\`\`\n`);
      }
    }
  }
  return parts.join("\n");
}

/** Breaks a line as a terminal would, but between words, and so that it fits into a code block of the site. */
function wrap(line) {
  const indent = /^ */.exec(line)[0];
  const lines = [];
  for (const word of line.trim().split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 74) lines[lines.length - 1] += ` ${word}`;
    else lines.push(indent + (lines.length > 0 && indent !== "" ? "   " : "") + word);
  }
  return lines.join("\n");
}

if (isMain(import.meta.url)) {
  try {
    const text = render(readCatalogue());
    mkdirSync(dirname(join(root, page)), { recursive: true });
    writeFileSync(join(root, page), text);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
