import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runNode } from "./repository.mjs";
import { twoAtATime } from "./trials.mjs";

const limitMs = 60_000;
// What a page takes for granted that only shows how handlers are found; as it does a folder of files to serve.
const handler = `const { TextWebSocketHandler, WebSocketHandler } = require("@vernal/websocket");
class Anything extends TextWebSocketHandler {}
WebSocketHandler("/anything")(Anything);
module.exports = { Anything };
`;

/**
 * Runs compiled snippets, so that a page shows nothing that fails: those of one page in one process, in which
 * applications start on free ports and are closed again, and each with tests of Node's runner in a process of its own.
 *
 * @param pages the `folder` and the compiled `files` of each page; a file is its `name`, and whether it `isTest`.
 * @returns what went wrong.
 */
export async function runSnippets(pages) {
  const problems = [];
  await twoAtATime(pages, async ({ page, folder, files }) => {
    const cwd = join(root, folder);
    provideHandlers(join(cwd, "handlers"));
    mkdirSync(join(cwd, "public"), { recursive: true });
    const plain = files.filter(({ isTest }) => !isTest).map(({ name }) => join(cwd, name));
    const runs = files.filter(({ isTest }) => isTest).map(({ name }) => [join(cwd, name)]);
    if (plain.length > 0) runs.unshift([join(root, "scripts/run-page.cjs"), ...plain]);
    for (const args of runs) {
      const { ok, output } = await runNode(args, { cwd, limitMs, env: { LOG_LEVEL: "silent" } });
      if (!ok) problems.push(`${page} fails when it runs:\n${output}`);
    }
  });
  return problems;
}

function provideHandlers(folder) {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "anything.js"), handler);
}
