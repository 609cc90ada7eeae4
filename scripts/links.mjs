import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isMain, root } from "./repository.mjs";
import { pages } from "./snippets.mjs";

/** Whether the files, images and headings to which the pages of this repository link are there. */
export function checkLinks() {
  const problems = pages().flatMap((page) =>
    [...linksOf(readFileSync(join(root, page), "utf8"))].flatMap(({ line, target }) => {
      const problem = problemOf(page, target);
      return problem ? `${page}:${line}: ${target} ${problem}\n` : [];
    }),
  );
  return { ok: problems.length === 0, output: problems.join("") };
}

function problemOf(page, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  const [path, anchor] = decodeURI(target).split("#");
  const file = path === "" ? page : join(path.startsWith("/") ? "." : dirname(page), path);
  if (relative(".", file).startsWith("..")) return "lies outside of the repository";
  if (!existsSync(join(root, file))) return "does not exist";
  if (!anchor || !file.endsWith(".md") || statSync(join(root, file)).isDirectory()) return undefined;
  return anchorsOf(readFileSync(join(root, file), "utf8")).has(anchor) ? undefined : "names no heading there";
}

/** Inline links and images, `[label]: target` and the attributes of HTML. */
function* linksOf(markdown) {
  for (const { line, text } of proseOf(markdown)) {
    const prose = text.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, (code) => " ".repeat(code.length));
    for (const pattern of [
      /\]\(<?([^)<>\s]+)>?(?:\s+"[^"]*")?\)/g,
      /^\s*\[[^\]]+\]:\s*<?([^\s<>]+)/g,
      /\b(?:href|src)="([^"]+)"/g,
    ]) {
      for (const [, target] of prose.matchAll(pattern)) yield { line, target };
    }
  }
}

function anchorsOf(markdown) {
  const anchors = new Set();
  for (const { text } of proseOf(markdown)) {
    const [, title] = /^#{1,6}\s+(.*?)\s*#*$/.exec(text) ?? [];
    if (title === undefined) continue;
    const name = anchorOf(title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
    let anchor = name;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${name}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The anchor of a heading with this text, as GitHub names it. */
export function anchorOf(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/** The lines outside of code fences. */
function* proseOf(markdown) {
  let fence;
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const [, marks, rest] = /^\s*(`{3,}|~{3,})(.*)$/.exec(text) ?? [];
    if (fence === undefined && marks) fence = marks;
    else if (fence === undefined) yield { line: index + 1, text };
    else if (marks?.startsWith(fence) && rest.trim() === "") fence = undefined;
  }
}

if (isMain(import.meta.url)) {
  const { ok, output } = checkLinks();
  process.stdout.write(output);
  if (!ok) process.exitCode = 1;
}
