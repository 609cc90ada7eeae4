import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { isMain, root } from "./repository.mjs";
import { pages } from "./snippets.mjs";

/** The page of promises, of which each has to have its test. */
const contract = "docs/reference/contract.md";
const link = /\]\((?<target>[^)\s]+\.test\.ts)(?: "(?<title>[^"]*)")?\)/g;

/**
 * Whether the tests that pages name are there: the title of a link to a test file is that of one of its tests or groups,
 * or what stands first in a row of one. Each promise of the contract has at least one.
 */
export function checkTestLinks() {
  const problems = pages().flatMap((page) => {
    const markdown = readFileSync(join(root, page), "utf8");
    return [...missingTests(page, markdown), ...(page === contract ? promisesWithoutTest(markdown) : [])];
  });
  return { ok: problems.length === 0, output: problems.map((problem) => `${problem}\n`).join("") };
}

function missingTests(page, markdown) {
  return markdown.split("\n").flatMap((text, index) =>
    [...text.matchAll(link)].flatMap(({ groups: { target, title } }) => {
      const file = join(root, dirname(page), target);
      // That a file is there is for the check of all links.
      if (title === undefined || !existsSync(file) || titlesOf(file).has(title)) return [];
      return `${page}:${index + 1}: ${target} has no test "${title}"`;
    }),
  );
}

/** List items are promises; what stands between them explains. */
function promisesWithoutTest(markdown) {
  return markdown
    .split(/\n(?=- |\n)/)
    .filter(
      (block) => block.startsWith("- ") && ![...block.matchAll(link)].some(({ groups }) => groups.title),
    )
    .map((block) => `${contract}: no test stands behind "${block.split("\n")[0]}"`);
}

const known = new Map();

/** What the tests and groups of a file are called, and the first texts of the rows for which they run. */
export function titlesOf(file) {
  if (!known.has(file)) {
    const titles = new Set();
    collectTitles(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest), titles);
    known.set(file, titles);
  }
  return known.get(file);
}

function collectTitles(node, titles) {
  if (ts.isCallExpression(node) && isTest(node.expression)) {
    const [title] = node.arguments;
    if (textOf(title) !== undefined) titles.add(textOf(title));
    if (ts.isCallExpression(node.expression)) collectRows(node.expression.arguments[0], titles);
  }
  ts.forEachChild(node, (child) => collectTitles(child, titles));
}

/** `it`, `it.each(…)`, `describe.each<…>(…)` and the like. */
function isTest(callee) {
  if (ts.isIdentifier(callee)) return ["it", "test", "describe"].includes(callee.text);
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) return isTest(callee.expression);
  return false;
}

function collectRows(table, titles) {
  if (table === undefined || !ts.isArrayLiteralExpression(table)) return;
  for (const row of table.elements) {
    const first = ts.isArrayLiteralExpression(row) ? row.elements[0] : row;
    if (textOf(first) !== undefined) titles.add(textOf(first));
  }
}

/** Of a template with values in it, what stands between them. */
function textOf(node) {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join("…");
}

if (isMain(import.meta.url)) {
  const { ok, output } = checkTestLinks();
  process.stdout.write(output);
  if (!ok) process.exitCode = 1;
}
