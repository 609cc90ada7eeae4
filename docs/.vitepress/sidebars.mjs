import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path/posix";
import { root } from "../../scripts/repository.mjs";

const api = "reference/api";

/**
 * Groups of pages, each with its first heading as its name. A group with a `folder` also takes the pages there that
 * no group names, at its end, so that none is out of reach; pages that are not there are left out.
 */
export function sidebar(groups) {
  const named = new Set(groups.flatMap(({ pages = [] }) => pages));
  return groups
    .map(({ text, folder, pages = [] }) => {
      const others = folder ? pagesIn(folder).filter((page) => !named.has(page)) : [];
      const all = [...pages.filter((page) => existsSync(join(root, "docs", page))), ...others];
      return { text, items: all.map((page) => ({ text: titleOf(page), link: linkTo(page) })) };
    })
    .filter(({ items }) => items.length > 0);
}

/** The generated pages: a group for each package, and in it one for classes, one for interfaces and so on. */
export function apiSidebar() {
  const packages = new Map(["@vernal/websocket", "@vernal/testing"].map((name) => [name, new Map()]));
  for (const page of pagesIn(api)) {
    const [, name, kind] = /^reference\/api\/(@vernal\/[^/]+)\/([^/]+)\/[^/]+$/.exec(page) ?? [];
    if (kind === undefined) continue;
    const kinds = packages.get(name);
    kinds.set(kind, [...(kinds.get(kind) ?? []), page]);
  }
  return [
    { text: "All pages", link: "/" },
    { text: "API", link: `/${api}/` },
    ...[...packages].map(([name, kinds]) => ({
      text: name,
      link: `/${api}/${name}/`,
      items: [...kinds].map(([kind, pages]) => ({
        text: kind[0].toUpperCase() + kind.slice(1).replace("-", " "),
        // A group without a link would be one button inside of another.
        link: `/${api}/${name}/#${kind}`,
        collapsed: true,
        items: pages.map((page) => ({ text: basename(page, ".md"), link: linkTo(page) })),
      })),
    })),
  ];
}

function pagesIn(folder) {
  const path = join(root, "docs", folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true })
    .map((page) => join(folder, page.replaceAll("\\", "/")))
    .filter((page) => page.endsWith(".md") && (folder === api || !page.startsWith(`${api}/`)))
    .sort();
}

function titleOf(page) {
  const [, title] = /^#\s+(.+)$/m.exec(readFileSync(join(root, "docs", page), "utf8")) ?? [];
  if (title === undefined) throw new Error(`docs/${page} has no heading.`);
  return title.replaceAll("`", "");
}

function linkTo(page) {
  return `/${page.replace(/(?:(^|\/)index)?\.md$/, "$1")}`;
}
