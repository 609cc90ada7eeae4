import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestApplication, type TestApplication } from "@vernal/testing";
import { servePage } from "../src/page";

let folder: string;
let application: TestApplication;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "page-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<h1>The page</h1>");
  writeFileSync(join(folder, "assets/index-1a2b.js"), "//");
  application = await startTestApplication({ requestListener: servePage(folder) });
});

afterEach(async () => {
  await application.close();
  rmSync(folder, { recursive: true });
});

const ask = (path: string, method = "GET") =>
  fetch(new URL(path, application.url.replace("ws", "http")), { method });

test("the page is asked for each time, and its assets once", async () => {
  const page = await ask("/");
  expect(await page.text()).toBe("<h1>The page</h1>");
  expect(page.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
  expect(page.headers.get("Cache-Control")).toBe("no-cache");
  const asset = await ask("/assets/index-1a2b.js");
  expect(asset.headers.get("Cache-Control")).toContain("immutable");
});

test.each([
  ["/nothing", "GET", 404],
  ["/", "POST", 405],
])("%s with %s is %d", async (path, method, status) => {
  expect((await ask(path, method)).status).toBe(status);
});
