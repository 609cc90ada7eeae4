import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path/posix";
import { root } from "../../../scripts/repository.mjs";

const copies = "repository";
const linked = new Set();

/**
 * Links from a page to files of the repository that are no pages, such as a test, lead to a copy of the file, as text.
 * A folder is shown by its README; one without is named.
 */
export function linkIntoRepository(markdown) {
  markdown.core.ruler.push("repository-links", ({ tokens, env, Token }) => {
    for (const { children } of tokens) {
      for (let index = 0; index < (children?.length ?? 0); index++) {
        const path = children[index].type === "link_open" && pathOf(children[index].attrGet("href"), env);
        if (!path) continue;
        const file = fileAt(path);
        if (file === undefined) {
          nameInstead(children, index, path, Token);
        } else {
          linked.add(file);
          children[index].attrSet("href", `/${copies}/${file}.txt`);
        }
      }
    }
  });
}

/** When all pages are rendered. */
export function copyLinkedFiles({ outDir }) {
  for (const file of linked) {
    const copy = join(outDir, copies, `${file}.txt`);
    mkdirSync(dirname(copy), { recursive: true });
    // Few servers say that a text is UTF-8, so it says so itself.
    writeFileSync(copy, `\uFEFF${readFileSync(join(root, file), "utf8")}`);
  }
}

/** From the root of the repository; nothing for a page of this site and for other sites. */
function pathOf(href, { relativePath }) {
  if (/^([a-z][a-z+.-]*:|#|\/)/i.test(href)) return undefined;
  const path = join("docs", dirname(relativePath), decodeURI(href).replace(/#.*$/, "")).replace(/\/$/, "");
  const isPage = path.startsWith("docs/") && path.endsWith(".md");
  return isPage || !existsSync(join(root, path)) ? undefined : path;
}

function fileAt(path) {
  if (!statSync(join(root, path)).isDirectory()) return path;
  return existsSync(join(root, path, "README.md")) ? `${path}/README.md` : undefined;
}

function nameInstead(children, start, path, Token) {
  const end = children.findIndex(({ type }, index) => index > start && type === "link_close");
  const text = children
    .slice(start, end)
    .map(({ content }) => content)
    .join("");
  const isNamed = text === path || text === basename(path);
  const name = new Token("html_inline", "", 0);
  name.content = isNamed ? "" : ` (<code v-pre>${path}</code>)`;
  children.splice(end, 1, name);
  children.splice(start, 1);
}
