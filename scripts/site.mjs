import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { showingProgress } from "./progress.mjs";
import { isMain, root, runNode } from "./repository.mjs";
import { setup } from "./setup.mjs";
import { checkSiteLinks } from "./site-links.mjs";

const folder = join(root, "docs");
const typedoc = "node_modules/typedoc/bin/typedoc";
const vitepress = "node_modules/vitepress/bin/vitepress.js";
const usage = `npm run docs             builds the site and serves it
npm run docs -- --build  builds it
npm run docs -- --watch  serves the pages and shows every change of them`;

/** Into docs/.vitepress/dist: the pages of the API out of the sources, then all pages. */
export async function buildSite() {
  const api = await writeApiPages();
  return api.ok ? buildPages() : api;
}

function writeApiPages() {
  return runNode([typedoc], { cwd: folder });
}

async function buildPages() {
  const { ok, output } = await runNode([vitepress, "build"], { cwd: folder });
  return ok ? checkSiteLinks() : { ok, output };
}

async function main([option, ...others]) {
  if (![undefined, "--build", "--watch"].includes(option) || others.length > 0) throw new Error(usage);
  console.log("1/3 Setting up");
  await setup();
  await taking("2/3 Reading the sources for the pages of the API", writeApiPages);
  if (option === "--watch") {
    console.log("3/3 Serving the pages as they are; Ctrl-C ends it");
    return serve("dev");
  }
  await taking("3/3 Building the pages", buildPages);
  if (option === "--build") {
    console.log(
      "\nThe site lies in docs/.vitepress/dist. Any server of files can serve it; `npm run docs` does.",
    );
  } else {
    console.log("\nServing docs/.vitepress/dist; Ctrl-C ends it");
    await serve("preview");
  }
}

async function taking(title, step) {
  console.log(title);
  const { ok, output } = await showingProgress(() => "still at it", step);
  if (!ok) throw new Error(output);
}

async function serve(command) {
  const args = [vitepress, command, "--port", String(await freePort(4173))];
  const server = spawn(process.execPath, args, { cwd: folder, stdio: "inherit" });
  server.on("exit", (code) => (process.exitCode = code ?? 0));
  // Ctrl-C reaches the server too, and its end is the end of this.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => server.kill());
}

/** This one, or the next that nobody listens on. */
async function freePort(port) {
  const trial = createServer();
  const isFree = await new Promise((resolve) => {
    trial.on("error", () => resolve(false)).listen(port, () => resolve(true));
  });
  await new Promise((resolve) => trial.close(resolve));
  return isFree ? port : freePort(port + 1);
}

if (isMain(import.meta.url)) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
