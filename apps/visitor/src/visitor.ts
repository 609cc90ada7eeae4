import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { barriersIn } from "./barriers";

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

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
  barriers(): Promise<string[]> {
    return barriersIn(this.page);
  }
}

/** An empty tab, in a browser profile of its own. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
  return context.newPage();
}
