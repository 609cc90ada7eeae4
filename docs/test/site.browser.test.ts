import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { SiteServer } from "./site-server";

const site = join(__dirname, "../.vitepress/dist");
const screenshots = process.env["VERNAL_SCREENSHOTS"] ? join(__dirname, "../screenshots") : undefined;
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const tabs = 2;
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

jest.setTimeout(600_000);

let server: SiteServer;
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(site)) throw new Error("There is no site yet: npm run docs -- --build");
  const executablePath = process.env["VERNAL_CHROMIUM"];
  if (executablePath === undefined) throw new Error("Set VERNAL_CHROMIUM to the path of a Chromium.");
  server = await SiteServer.start(site);
  browser = await chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Of all files of the site that are pages. */
function addresses(): string[] {
  return readdirSync(site, { recursive: true, encoding: "utf8" })
    .map((path) => `/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".html"))
    .map((path) => path.replace(/\/index\.html$/, "/"))
    .sort();
}

test("every page is sound on a desk and on a phone, in light and in dark", async () => {
  const problems: string[] = [];
  const waiting = addresses();
  const visit = async () => {
    const page = await openTab();
    for (let address = waiting.shift(); address; address = waiting.shift()) {
      const complain = (problem: string) => problems.push(`${address}: ${problem}`);
      const stop = listen(page, complain);
      await look(page, address, complain);
      stop();
    }
  };
  await Promise.all(Array.from({ length: tabs }, visit));
  expect(problems).toEqual([]);
});

test("every page is in a sidebar", async () => {
  const page = await openTab();
  const linked = new Set(["/404.html"]);
  for (const address of ["/", "/reference/api/", "/ko/"]) {
    await page.goto(server.url + address);
    const links = page.locator(".VPSidebar a");
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
  const page = await openTab();
  await page.goto(server.url + address);
  await page.getByRole("button", { name: button }).click();
  await page.getByRole("searchbox").fill(word);
  await page.locator(`.VPLocalSearchBox a[href^="${found}"]`).first().waitFor();
  expect(problemsOf(await violations(page, allRules, []))).toEqual([]);
});

/** In a context of its own: the tabs of one share a process. */
async function openTab(): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: "reduce", colorScheme: "light", viewport: desk });
  await context.addInitScript({ content: axeSource });
  // Colours are looked at when they have changed, and not on their way.
  await context.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => {
      const style = document.createElement("style");
      style.textContent = "*, ::before, ::after { transition: none !important }";
      document.head.append(style);
    });
  });
  return context.newPage();
}

function listen(page: Page, complain: (problem: string) => void): () => void {
  const onError = (error: Error) => complain(error.message);
  const onConsole = (message: { type(): string; text(): string }) => {
    if (["error", "warning"].includes(message.type())) complain(message.text());
  };
  const onRequest = (request: { url(): string }) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith("data:"))
      complain(`asks for ${request.url()}`);
  };
  page.on("pageerror", onError).on("console", onConsole).on("request", onRequest);
  return () => page.off("pageerror", onError).off("console", onConsole).off("request", onRequest);
}

const allRules = ["wcag2a", "wcag2aa"];
// Other colours are all that another colour scheme changes.
const looks = [
  { viewport: desk, colorScheme: "light", rules: allRules },
  { viewport: desk, colorScheme: "dark", rules: ["color-contrast"] },
  { viewport: phone, colorScheme: "light", rules: ["color-contrast"] },
  { viewport: phone, colorScheme: "dark", rules: allRules },
] as const;

const seenFrames = new Set<string>();

async function look(page: Page, address: string, complain: (problem: string) => void): Promise<void> {
  const [, section = "other"] = /^\/(reference\/api|ko)\//.exec(address) ?? [];
  const isWritten = section !== "reference/api";
  const exclude = seenFrames.has(section) ? [".VPNav", ".VPSidebar"] : [];
  seenFrames.add(section);

  await page.setViewportSize(desk);
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(server.url + address);
  for (const { viewport, colorScheme, rules } of looks) {
    // The pages of the API are made by one hand: there, the other two say the same.
    if (!isWritten && rules !== allRules) continue;
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction(
      (isDark) => document.documentElement.classList.contains("dark") === isDark,
      colorScheme === "dark",
    );
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overhang > 0) complain(`is ${overhang} px wider than the window of ${viewport.width}`);
    for (const problem of problemsOf(await violations(page, [...rules], exclude))) {
      complain(`at ${viewport.width} px in ${colorScheme}: ${problem}`);
    }
    if (screenshots) await keepScreenshot(page, address, `${viewport.width}-${colorScheme}`);
  }
}

async function keepScreenshot(page: Page, address: string, folder: string): Promise<void> {
  const name = address.replace(/\/$/, "/index").replace(/\.html$/, "");
  await page.screenshot({ fullPage: true, path: join(screenshots!, folder, `${name}.png`) });
}

function violations(page: Page, runOnly: string[], exclude: string[]): Promise<AxeResults["violations"]> {
  return page.evaluate(
    async ([rules, hidden]) => {
      const { axe } = window as unknown as { axe: typeof import("axe-core") };
      const context = hidden.length > 0 ? { exclude: hidden } : document;
      const results = await axe.run(context, { runOnly: rules, resultTypes: ["violations"] });
      return results.violations;
    },
    [runOnly, exclude] as const,
  );
}

function problemsOf(found: AxeResults["violations"]): string[] {
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ""}`),
  );
}
