import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

const axeSource = readFileSync(require.resolve("axe-core"), "utf8");

/** Somebody with a tab. */
export class Visitor {
  /** What the page complained about. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
  }

  async seesState(text: string): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: text }).first().waitFor();
  }

  /** Chromium itself reports each attempt to connect while nobody listened. */
  forgetLostConnections(): void {
    const others = this.complaints.filter((text) => !/^WebSocket connection to .* failed/.test(text));
    this.complaints.splice(0, Infinity, ...others);
  }

  /** What axe finds wrong in the page as it is now; needs a context with `bypassCSP`. */
  async barriers(): Promise<string[]> {
    await this.page.addScriptTag({ content: axeSource });
    const { violations } = await this.page.evaluate<AxeResults>("axe.run()");
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  }
}

/** An empty tab, in a browser profile of its own. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
  return context.newPage();
}
