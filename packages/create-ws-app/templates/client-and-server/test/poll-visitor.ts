import { openTab, Visitor } from "@vernal/visitor";
import type { Browser, BrowserContextOptions } from "playwright-core";

/** Somebody who has the page open. */
export class PollVisitor extends Visitor {
  static async open(browser: Browser, url: string, options?: BrowserContextOptions): Promise<PollVisitor> {
    const visitor = new PollVisitor(await openTab(browser, options));
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
}
