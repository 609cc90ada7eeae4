import { readFileSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import type { AxeResults } from "axe-core";

export const DESKTOP = { width: 1280, height: 800 };
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

/** Somebody with a tab of the chat. */
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
    const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(url);
    return visitor;
  }

  static async enter(
    browser: Browser,
    url: string,
    nickname: string,
    options?: BrowserContextOptions,
  ): Promise<Visitor> {
    const visitor = await Visitor.open(browser, url, options);
    await visitor.joinAs(nickname);
    await visitor.seesState("Connected");
    return visitor;
  }

  async joinAs(nickname: string): Promise<void> {
    await this.page.getByLabel("Nickname").fill(nickname);
    await this.page.getByRole("button", { name: "Join" }).click();
  }

  async says(text: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Message" }).fill(text);
    await this.page.getByRole("button", { name: "Send" }).click();
  }

  /** Waits until the log has this text. */
  async sees(text: string): Promise<void> {
    await this.page.getByRole("log").getByText(text, { exact: true }).waitFor();
  }

  async seesState(text: string): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: text }).first().waitFor();
  }

  /** Chromium itself reports each attempt to connect while nobody listened. */
  forgetLostConnections(): void {
    const others = this.complaints.filter((text) => !/^WebSocket connection to .* failed/.test(text));
    this.complaints.splice(0, Infinity, ...others);
  }

  /** The texts of all messages in the log. */
  messages(): Promise<string[]> {
    return this.page.getByRole("log").locator(".message .text").allTextContents();
  }

  /** The texts that the page has not got an answer for. */
  pending(): Promise<string[]> {
    return this.page.locator("#pending .text").allTextContents();
  }

  async hasNothingPending(): Promise<void> {
    await this.page.locator("#pending").waitFor({ state: "hidden" });
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
