import { checkErrorPage } from "./error-page.mjs";
import { checkLinks } from "./links.mjs";
import { checkOptionsPage } from "./options-page.mjs";
import { checkSnippets } from "./snippets.mjs";
import { checkTestLinks } from "./test-links.mjs";

/**
 * Whether the pages say what is so: their code compiles, their links lead somewhere, the tests that they name
 * are there, every error and every option is described.
 */
export async function checkDocs() {
  const results = [
    await checkSnippets(),
    checkLinks(),
    checkTestLinks(),
    checkErrorPage(),
    await checkOptionsPage(),
  ];
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join("") };
}
