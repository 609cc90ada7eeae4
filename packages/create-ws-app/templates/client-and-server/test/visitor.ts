import { readFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

export const PHONE = { width: 360, height: 740 };

const axeSource = readFileSync(require.resolve("axe-core"), "utf8");

export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["VERNAL_CHROMIUM"];
  if (executablePath === undefined) throw new Error("Set VERNAL_CHROMIUM to the path of a Chromium.");
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Somebody who has the page open. */
export class Visitor {
  /** What the page complained about. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(url);
    return visitor;
  }

  async votesFor(option: string): Promise<void> {
    await this.page.getByRole("radio", { name: option }).check();
  }

  /** Waits until the option has this many votes. */
  async sees(option: string, votes: string): Promise<void> {
    await this.page.locator(".option", { hasText: option }).getByText(votes, { exact: true }).waitFor();
  }

  async seesState(text: string): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: text }).waitFor();
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
