import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DESKTOP, launchBrowser, PHONE } from "@vernal/visitor";
import type { Browser } from "playwright-core";
import { SiteServer } from "./site-server";
import { Tab, type ColorScheme } from "./tab";

const site = join(__dirname, "../.vitepress/dist");
/** For people to look at: what one sees first of each page, or all of it. */
const screenshots = join(__dirname, "../screenshots");
const fullPage = process.env["VERNAL_SCREENSHOTS"] === "whole";

jest.setTimeout(600_000);

let server: SiteServer;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(site)) throw new Error("There is no site yet: npm run docs -- --build");
  server = await SiteServer.start(site);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Of all files of the site that are pages. */
function addresses(): string[] {
  return readdirSync(site, { recursive: true, encoding: "utf8" })
    .map((path) => `/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".html") && path !== "/404.html")
    .map((path) => path.replace(/\/index\.html$/, "/"))
    .sort();
}

/** Two at a time; gives what was wrong. */
async function visit(
  waiting: string[],
  look: (tab: Tab, address: string) => Promise<void>,
): Promise<string[]> {
  const visitor = async () => {
    const tab = await Tab.open(browser, server.url);
    for (let address = waiting.shift(); address; address = waiting.shift()) await look(tab, address);
    await tab.page.context().close();
    return tab.problems;
  };
  return (await Promise.all([visitor(), visitor()])).flat();
}

const api = "/reference/api/";

test("every written page loads without an error, and without a request to elsewhere", async () => {
  const written = addresses().filter((address) => address === api || !address.startsWith(api));
  expect(await visit(written, (tab, address) => tab.load(address))).toEqual([]);
});

const allRules = ["wcag2a", "wcag2aa"];
// Other colours are all that another colour scheme changes.
const looks: readonly (readonly [typeof DESKTOP, ColorScheme, readonly string[]])[] = [
  [DESKTOP, "light", allRules],
  [DESKTOP, "dark", ["color-contrast"]],
  [PHONE, "light", ["color-contrast"]],
  [PHONE, "dark", allRules],
];

test("every page fits onto a desk and a phone, and axe finds nothing, in light and in dark", async () => {
  const sectionsSeen = new Set<string>();
  const tabsInUse = new Set<Tab>();
  const problems = await visit(addresses(), async (tab, address) => {
    if (tabsInUse.has(tab)) await tab.follow(address);
    else await tab.load(address);
    tabsInUse.add(tab);

    // What is the same on all pages of a section is looked at once, and the colours of code in a test of their own.
    const [section = "/"] = /^\/(reference\/api|ko)\//.exec(address) ?? [];
    const frame = [".VPNav", ".VPLocalNav", ".VPSidebar", ".VPDoc .aside", ".VPDocFooter"];
    const exclude = [".vp-doc pre code", ...(sectionsSeen.has(section) ? frame : [])];
    sectionsSeen.add(section);
    for (const [viewport, colorScheme, rules] of looks) {
      // The pages of the API are made by one hand: there, two looks show each width and each scheme.
      if (section === api && rules !== allRules) continue;
      await tab.look(viewport, colorScheme);
      const overhang = await tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overhang > 0) tab.complain(`is ${overhang} px wider than the window of ${viewport.width}`);
      await tab.check({ rules, exclude });
      if (rules !== allRules) continue;
      const name = address.replace(/\/$/, "/index").replace(/\.html$/, "");
      const path = join(screenshots, `${viewport.width}-${colorScheme}`, `${name}.jpg`);
      await tab.page.screenshot({ path, quality: 60, type: "jpeg", fullPage });
    }
  });
  expect(problems).toEqual([]);
});

test("every colour of code can be read, in light and in dark", async () => {
  const colours = new Set<string>();
  for (const address of addresses()) {
    const html = readFileSync(join(site, address.replace(/\/$/, "/index.html")), "utf8");
    for (const [, style = ""] of html.matchAll(/<span style="(--shiki-[^"]*)"/g)) colours.add(style);
  }
  expect(colours.size).toBeGreaterThan(5);

  const tab = await Tab.open(browser, server.url);
  await tab.load("/");
  await tab.page
    .locator(".vp-doc pre code")
    .first()
    .evaluate(
      (code, styles) => {
        code.innerHTML = styles
          .map((style) => `<span class="line"><span style="${style}">code</span></span>`)
          .join("\n");
      },
      [...colours],
    );
  for (const scheme of ["light", "dark"] as const) {
    await tab.look(DESKTOP, scheme);
    await tab.check({ rules: ["color-contrast"] });
  }
  expect(tab.problems).toEqual([]);
});

test("every page is in a sidebar", async () => {
  const tab = await Tab.open(browser, server.url);
  const linked = new Set<string>();
  for (const address of ["/", api, "/ko/"]) {
    await tab.load(address);
    const links = tab.page.locator(".VPSidebar a");
    for (const link of await links.evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""))) {
      linked.add(link.replace(/#.*$/, ""));
    }
  }
  expect([...linked].sort()).toEqual(addresses());
});

test.each([
  ["/", "Search", "heartbeatIntervalMs", "/reference/options.html"],
  ["/ko/", "검색", "출처", "/ko/start.html"],
])("the search of %s finds a word", async (address, button, word, found) => {
  const tab = await Tab.open(browser, server.url);
  await tab.load(address);
  await tab.page.getByRole("button", { name: button }).click();
  await tab.page.getByRole("searchbox").fill(word);
  await tab.page.locator(`.VPLocalSearchBox a[href^="${found}"]`).first().waitFor();
  await tab.check({ rules: allRules });
  expect(tab.problems).toEqual([]);
});
