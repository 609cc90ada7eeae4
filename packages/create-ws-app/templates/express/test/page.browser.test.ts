import { launchBrowser, openTab, PHONE, Visitor } from "@vernal/visitor";
import type { Browser } from "playwright-core";
import { startServer, type RunningServer } from "../src/server";

// What it logs is not what is tested.
process.env["LOG_LEVEL"] = "silent";
jest.setTimeout(60_000);

let browser: Browser;
let server: RunningServer;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  server = await startServer(0);
});

afterEach(() => server.close());

/** Somebody who has the page open in a window of this size. */
async function open(viewport?: typeof PHONE): Promise<Visitor> {
  const visitor = new Visitor(await openTab(browser, { viewport }));
  await visitor.page.goto(`http://localhost:${server.port}/`);
  await visitor.page.getByText("Connected").waitFor();
  return visitor;
}

async function write(visitor: Visitor, text: string): Promise<void> {
  await visitor.page.getByLabel("Write on it").fill(text);
  await visitor.page.getByRole("button", { name: "Write" }).click();
}

const sees = (visitor: Visitor, text: string) => visitor.page.locator("#latest", { hasText: text }).waitFor();

test("what is written while the server is gone waits, and is on the board once it is back", async () => {
  const ada = await open();
  const { port } = server;
  await server.close();
  await ada.page.getByText("Reconnecting").waitFor();
  await write(ada, "Lunch at one");
  await ada.page.getByText("“Lunch at one” waits for the connection.").waitFor();
  server = await startServer(port);
  await ada.page.getByText("Connected").waitFor();
  await sees(ada, "Lunch at one");
  expect(await ada.page.locator("#note").textContent()).toBe("");
  await ada.page.context().close();
});

test.each([undefined, PHONE])("the longest word fits, and axe finds no barriers, %p", async (viewport) => {
  const ada = await open(viewport);
  const word = `L${"o".repeat(200)}ng`;
  await write(ada, word);
  await sees(ada, word);
  const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  expect(await ada.page.evaluate(overflow)).toBe(0);
  expect(await ada.barriers()).toEqual([]);
  await ada.page.context().close();
});
