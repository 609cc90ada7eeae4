import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { isMain, root } from "./repository.mjs";

const site = join(root, "docs/.vitepress/dist");

/** Whether what the pages of the built site link to is there: pages, headings, images. */
export function checkSiteLinks() {
  const files = new Set(readdirSync(site, { recursive: true }).map((path) => path.replaceAll("\\", "/")));
  const pages = new Map(
    [...files]
      .filter((path) => path.endsWith(".html"))
      .map((path) => [path, partsOf(readFileSync(join(site, path), "utf8"))]),
  );
  const problems = [];
  for (const [page, { links }] of pages) {
    for (const link of links) {
      const [path, anchor] = decodeURI(link).split("#");
      const file = fileOf(page, path);
      if (!files.has(file)) problems.push(`${page}: ${link} leads to nothing\n`);
      else if (anchor && !pages.get(file)?.anchors.has(anchor))
        problems.push(`${page}: ${link} names no heading\n`);
    }
  }
  return { ok: problems.length === 0, output: problems.join("") };
}

function partsOf(html) {
  const attributes = (pattern) =>
    [...html.matchAll(pattern)].map(([, value]) => value.replaceAll("&amp;", "&"));
  const links = attributes(/\s(?:href|src)="([^"]*)"/g);
  return {
    anchors: new Set(attributes(/\sid="([^"]*)"/g)),
    links: new Set(links.filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))),
  };
}

function fileOf(page, path) {
  if (path === "") return page;
  const file = path.startsWith("/") ? path : join("/", dirname(page), path);
  return file.slice(1).replace(/(^|\/)$/, "$1index.html");
}

if (isMain(import.meta.url)) {
  const { ok, output } = checkSiteLinks();
  process.stdout.write(output);
  if (!ok) process.exitCode = 1;
}
