import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestApplication, type TestApplication } from "@vernal/testing";
import { launchBrowser, PHONE } from "@vernal/visitor";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { PollHandler } from "../server/src/handlers/poll-handler";
import { servePage } from "../server/src/page";
import { PollVisitor } from "./poll-visitor";

jest.setTimeout(60_000);

let browser: Browser;
let built: string;
let application: TestApplication;
let visitors: PollVisitor[];

beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), "page-"));
  const vite = join(__dirname, "../node_modules/vite/bin/vite.js");
  const args = ["build", "client", "--outDir", built, "--emptyOutDir", "--logLevel", "error"];
  execFileSync(process.execPath, [vite, ...args], {
    cwd: join(__dirname, ".."),
    // As in production; jest has set "test".
    env: { ...process.env, NODE_ENV: "production" },
  });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  rmSync(built, { recursive: true });
});

beforeEach(async () => {
  visitors = [];
  await start(0);
});

afterEach(async () => {
  const complaints = visitors.flatMap((visitor) => visitor.complaints);
  await Promise.all(visitors.map(({ page }) => page.context().close()));
  await application.close();
  expect(complaints).toEqual([]);
});

async function start(port: number): Promise<void> {
  application = await startTestApplication({
    port,
    components: [PollHandler],
    requestListener: servePage(built),
  });
}

async function open(options?: BrowserContextOptions): Promise<PollVisitor> {
  const url = application.url.replace("ws", "http");
  const visitor = await PollVisitor.open(browser, url, options);
  visitors.push(visitor);
  await visitor.seesState("Connected");
  return visitor;
}

test("two people vote, change their minds and take it back, and both see it", async () => {
  const ada = await open();
  const bob = await open();
  await ada.page.getByText("2 people here, 0 voted").waitFor();
  await ada.votesFor("Soup");
  await bob.sees("Soup", "1 vote");
  await bob.votesFor("Soup");
  await ada.sees("Soup", "2 votes");
  await bob.votesFor("Pizza");
  await ada.sees("Pizza", "1 vote");
  await ada.sees("Soup", "1 vote");
  await ada.page.getByRole("button", { name: "Take my vote back" }).click();
  await bob.sees("Soup", "0 votes");
  expect(await ada.page.getByRole("radio", { checked: true }).count()).toBe(0);
  expect(await ada.page.evaluate(() => document.activeElement?.tagName)).toBe("INPUT");
  await bob.page.context().close();
  await ada.page.getByText("1 person here, 0 voted").waitFor();
  visitors.splice(1);
});

test("a restarted server is noticed, and gets the votes again, and one from meanwhile", async () => {
  const [ada, bob] = [await open(), await open()];
  await ada.votesFor("Soup");
  await bob.sees("Soup", "1 vote");
  const port = Number(new URL(application.url).port);
  await application.close();
  await Promise.all([ada.seesState("Reconnecting"), bob.seesState("Reconnecting")]);
  await bob.votesFor("Pizza");

  await start(port);
  await Promise.all([ada.seesState("Connected"), bob.seesState("Connected")]);
  for (const visitor of [ada, bob]) {
    await visitor.sees("Soup", "1 vote");
    await visitor.sees("Pizza", "1 vote");
    visitor.forgetLostConnections();
  }
});

test("a vote survives a reload, and belongs to its tab", async () => {
  const ada = await open();
  await ada.votesFor("Noodles");
  await ada.sees("Noodles", "1 vote");
  await ada.page.reload();
  await ada.sees("Noodles", "1 vote");
  expect(await ada.page.getByRole("radio", { name: "Noodles" }).isChecked()).toBe(true);
  const other = await open();
  expect(await other.page.getByRole("radio", { checked: true }).count()).toBe(0);
});

test("the arrow keys vote", async () => {
  const ada = await open();
  await ada.votesFor("Noodles");
  await ada.page.keyboard.press("ArrowDown");
  await ada.sees("Pizza", "1 vote");
  await ada.sees("Noodles", "0 votes");
});

test.each([
  ["light", undefined],
  ["dark", undefined],
  ["light", PHONE],
  ["dark", PHONE],
] as const)("axe finds no barriers, %s, %p", async (colorScheme, viewport) => {
  const ada = await open({ colorScheme, viewport, bypassCSP: true });
  await ada.votesFor("Soup");
  await ada.sees("Soup", "1 vote");
  expect(await ada.barriers()).toEqual([]);
  const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  expect(await ada.page.evaluate(overflow)).toBe(0);
  await application.close();
  await ada.seesState("Reconnecting");
  expect(await ada.barriers()).toEqual([]);
  ada.forgetLostConnections();
});
