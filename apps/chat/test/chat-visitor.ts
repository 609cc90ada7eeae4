import { openTab, Visitor } from "@vernal/visitor";
import type { Browser, BrowserContextOptions } from "playwright-core";

/** Somebody with a tab of the chat. */
export class ChatVisitor extends Visitor {
  static async open(browser: Browser, url: string, options?: BrowserContextOptions): Promise<ChatVisitor> {
    const visitor = new ChatVisitor(await openTab(browser, options));
    await visitor.page.goto(url);
    return visitor;
  }

  static async enter(
    browser: Browser,
    url: string,
    nickname: string,
    options?: BrowserContextOptions,
  ): Promise<ChatVisitor> {
    const visitor = await ChatVisitor.open(browser, url, options);
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
}
