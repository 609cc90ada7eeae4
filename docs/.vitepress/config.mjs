import { defineConfig } from "vitepress";
import { anchorOf } from "../../scripts/links.mjs";
import { icon } from "./icon.mjs";
import { english, korean } from "./languages.mjs";
import { nameCodeBlocks } from "./markdown/code-names.mjs";
import { copyLinkedFiles, linkIntoRepository } from "./markdown/repository-links.mjs";
import { soundSearchBox } from "./search-box.mjs";
import { search } from "./search.mjs";

export default defineConfig({
  title: "Vernal",
  head: [["link", { rel: "icon", href: icon }]],
  // The server that the reader has started.
  ignoreDeadLinks: "localhostLinks",
  locales: { root: english(), ko: korean() },
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // A link to a heading works here as it does where the repository is shown.
    anchor: { slugify: anchorOf },
    // `{room}` is a path variable, also at the end of a heading.
    attrs: { disable: true },
    config(markdown) {
      linkIntoRepository(markdown);
      nameCodeBlocks(markdown);
      // Vue drops a line break between two links.
      markdown.renderer.rules.softbreak = () => " ";
    },
  },
  buildEnd: copyLinkedFiles,
  // The search index is one file.
  vite: { build: { chunkSizeWarningLimit: 2000 }, plugins: [soundSearchBox] },
  themeConfig: {
    search,
    outline: [2, 3],
    // The same page in the other language is rarely there.
    i18nRouting: false,
  },
});
