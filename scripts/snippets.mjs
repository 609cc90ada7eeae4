import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isMain, root, runNode, tsc, workspaces } from "./repository.mjs";
import { runSnippets } from "./run-snippets.mjs";

const scratch = "node_modules/.cache/snippets";
const compiled = "compiled";

/**
 * Compiles and runs the TypeScript of every README.md and of docs/: each ```ts fence is a file beside the others of its
 * page, so that one named with `ts file=handlers/room-handler.ts` can be imported by those around it. One with
 * `ts quote=apps/chat/src/main.ts` is a part of that file, which is compiled where it lies, and has to be as it is there.
 * Compiled and not run is what declares something that others bring, what jest runs, and, as `ts compiled`, what needs
 * another server.
 */
export async function checkSnippets() {
  rmSync(join(root, scratch), { recursive: true, force: true });
  const snippets = new Map();
  const problems = [];
  for (const page of pages()) {
    for (const { line, name, quoted, runs, code } of fences(readFileSync(join(root, page), "utf8"), page)) {
      if (quoted !== undefined) {
        if (!isIn(quoted, code)) problems.push(`${page}:${line}: ${quoted} does not hold this text`);
        continue;
      }
      const file = join(page.replace(/\.md$/, ""), name ?? `line-${line}.ts`);
      if (snippets.has(file)) problems.push(`${page}:${line}: the page has another file=${name}`);
      snippets.set(file, { page, line, runs, isTest: code.includes('from "node:test"') });
      mkdirSync(dirname(join(root, scratch, file)), { recursive: true });
      writeFileSync(join(root, scratch, file), code);
    }
  }
  if (snippets.size === 0) {
    return { ok: problems.length === 0, output: problems.map((problem) => `${problem}\n`).join("") };
  }

  const project = {
    extends: relative(scratch, "tsconfig.base.json"),
    // Some pages show tests of jest, which knows its functions without an import.
    compilerOptions: { outDir: compiled, rootDir: ".", moduleDetection: "force", types: ["node", "jest"] },
    files: [...snippets.keys()],
  };
  writeFileSync(join(root, scratch, "tsconfig.json"), JSON.stringify(project));
  const { ok, output } = await runNode([tsc, "-p", scratch, "--pretty", "false"]);
  const readable = output.replace(/^(\S+?)\((\d+),\d+\)/gm, (place, path, line) => {
    const snippet = snippets.get(relative(scratch, path));
    return snippet ? `${snippet.page}:${snippet.line + Number(line)}` : place;
  });
  if (ok) problems.push(...(await runSnippets(runnable(snippets))));
  return {
    ok: ok && problems.length === 0,
    output: problems.map((problem) => `${problem}\n`).join("") + readable,
  };
}

function runnable(snippets) {
  const pages = new Map();
  for (const [file, { page, runs, isTest }] of snippets) {
    if (!runs) continue;
    const folder = join(scratch, compiled, page.replace(/\.md$/, ""));
    if (!pages.has(page)) pages.set(page, { page, folder, files: [] });
    const name = relative(folder, join(scratch, compiled, file)).replace(/\.ts$/, ".js");
    pages.get(page).files.push({ name, isTest });
  }
  return [...pages.values()];
}

function isIn(file, code) {
  return existsSync(join(root, file)) && readFileSync(join(root, file), "utf8").includes(code);
}

/** The pages for those who use Vernal or work on it. */
export function pages() {
  const docs = existsSync(join(root, "docs")) ? readdirSync(join(root, "docs"), { recursive: true }) : [];
  const readmes = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...workspaces().map((folder) => join(folder, "README.md")),
  ];
  return [...readmes, ...docs.map((path) => join("docs", path))].filter(
    (path) =>
      path.endsWith(".md") && !/node_modules|^docs.reference.api/.test(path) && existsSync(join(root, path)),
  );
}

/** The fences of TypeScript in a page. */
export function* fences(markdown, page) {
  let open;
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const [, indent, marks, info] = /^(\s*)(`{3,})(.*)$/.exec(text) ?? [];
    if (!open) {
      if (marks) open = { indent, marks, info: info.trim(), line: index + 1, lines: [] };
    } else if (marks?.length >= open.marks.length && info.trim() === "") {
      const [language, ...words] = open.info.split(/\s+/);
      const named = (key) => words.find((word) => word.startsWith(key))?.slice(key.length);
      if (language === "ts" && !words.includes("nocheck")) {
        const name = named("file=");
        const code = open.lines.join("\n") + "\n";
        const isElsewhere = words.includes("compiled") || /^declare /m.test(code);
        const runs = !isElsewhere && !name?.endsWith(".test.ts");
        yield { line: open.line, name, quoted: named("quote="), runs, code };
      }
      open = undefined;
    } else {
      open.lines.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
    }
  }
  if (open) throw new Error(`${page}:${open.line}: this fence is never closed`);
}

if (isMain(import.meta.url)) {
  const { ok, output } = await checkSnippets();
  process.stdout.write(output);
  if (!ok) process.exitCode = 1;
}
