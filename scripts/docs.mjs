import { checkErrorPage } from "./error-page.mjs";
import { checkLinks } from "./links.mjs";
import { checkOptionsPage } from "./options-page.mjs";
import { checkSnippets } from "./snippets.mjs";

/**
 * Whether the pages say what is so: their code compiles, their links lead somewhere, every error and every option
 * is described.
 */
export async function checkDocs() {
  const results = [await checkSnippets(), checkLinks(), checkErrorPage(), await checkOptionsPage()];
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join("") };
}
