import { barriersIn, DESKTOP, openTab, type BarrierSearch } from "@vernal/visitor";
import type { Browser, ConsoleMessage, Page, Request } from "playwright-core";

export type ColorScheme = "light" | "dark";

/** A tab of a browser with the site in it, which notes what a page complains about and whom it asks for something. */
export class Tab {
  readonly problems: string[] = [];
  readonly #site: string;
  #address = "";

  private constructor(
    readonly page: Page,
    site: string,
  ) {
    this.#site = site;
    page.on("pageerror", (error) => this.complain(error.message));
    page.on("console", (message: ConsoleMessage) => {
      if (["error", "warning"].includes(message.type())) this.complain(message.text());
    });
    page.on("request", (request: Request) => {
      const url = request.url();
      if (!url.startsWith(`${site}/`) && !url.startsWith("data:")) this.complain(`asks for ${url}`);
    });
  }

  /** In a context of its own: the tabs of one share a process. */
  static async open(browser: Browser, site: string): Promise<Tab> {
    const page = await openTab(browser, { colorScheme: "light" });
    // Colours are looked at when they have changed, and not on their way.
    await page.addInitScript(() => {
      addEventListener("DOMContentLoaded", () => {
        const style = document.createElement("style");
        style.textContent = "*, ::before, ::after { transition: none !important }";
        document.head.append(style);
      });
    });
    return new Tab(page, site);
  }

  complain(problem: string): void {
    this.problems.push(`${this.#address}: ${problem}`);
  }

  /** As somebody who types the address: the page comes as HTML, and the site takes it over. */
  async load(address: string): Promise<void> {
    this.#address = address;
    await this.page.goto(this.#site + address);
    await this.page.waitForFunction(() => "__vue_app__" in (document.querySelector("#app") ?? {}));
  }

  /** As somebody who follows a link of the page that is open: what was loaded stays. */
  async follow(address: string): Promise<void> {
    this.#address = address;
    await this.page.evaluate((href) => {
      const link = document.createElement("a");
      link.href = href;
      document.body.append(link);
      link.click();
      link.remove();
    }, address);
    const name = address.replace(/[./]+/g, "_").replace(/_html$/, "");
    await this.page.locator(`.vp-doc[class~="${name}"]`).waitFor({ state: "attached" });
  }

  async look(viewport: typeof DESKTOP, colorScheme: ColorScheme): Promise<void> {
    await this.page.setViewportSize(viewport);
    await this.page.emulateMedia({ colorScheme });
    await this.page.waitForFunction(
      (isDark) => document.documentElement.classList.contains("dark") === isDark,
      colorScheme === "dark",
    );
  }

  /** What axe finds. */
  async check(search: BarrierSearch): Promise<void> {
    const scheme = await this.page.evaluate(() => document.documentElement.className || "light");
    const where = `at ${this.page.viewportSize()?.width} px in ${scheme}`;
    for (const barrier of await barriersIn(this.page, search)) this.complain(`${where}: ${barrier}`);
  }
}
