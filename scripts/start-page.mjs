import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runNode } from "./repository.mjs";
import { fences } from "./snippets.mjs";

const page = "docs/start.md";

/**
 * Does in a new project of the template minimal what the first page tells its readers to do with files: generates the
 * handler, writes the two files, and runs the tests and lint.
 *
 * @param command the installed `create-ws-app`.
 */
export async function followStartPage(project, command, manager, options) {
  const markdown = readFileSync(join(root, page), "utf8");
  const [, words] = /^npx create-ws-app (generate .*)$/m.exec(markdown) ?? [];
  const files = [...fences(markdown, page)].filter(({ name }) => name !== undefined);
  if (words === undefined || files.length === 0) throw new Error(`${page} generates or writes nothing.`);
  const generated = await runNode([command, ...wordsOf(words)], { cwd: project });
  if (!generated.ok) return generated;
  for (const { name, code } of files) writeFileSync(join(project, name), code);
  const tested = await manager.runScript("test", options);
  return tested.ok ? manager.runScript("lint", options) : tested;
}

/** As a shell reads them, with quotes and without anything else. */
function wordsOf(line) {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
}
