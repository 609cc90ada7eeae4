import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { Application } from "./application.mjs";
import { build } from "./build.mjs";
import { serveRegistry } from "./local-registry.mjs";
import { pack } from "./pack.mjs";
import { isMain } from "./repository.mjs";
import { templates } from "./scaffold.mjs";
import { setup } from "./setup.mjs";
import { tryOutside } from "./trials.mjs";

const runs = 5;
const template = "chat";
const limitMs = 300_000;
const steps = ["created", "installed", "first message answered", "all together"];

/** Measures what a person waits for from `npm create ws-app` to the first answer, and prints a table of it. */
function stopwatch() {
  return tryOutside("stopwatch", async (folder, check) => {
    const packed = await check("packing", (show) => pack(folder, show));
    if (!packed.ok) return;
    const registry = await serveRegistry(packed.tarballs);
    // The first run fills what the warm ones find, and counts as a cold one.
    const warm = join(folder, "cache-1");
    const figures = { "empty cache": [], "warm cache": [] };
    try {
      for (let number = 1; number <= runs; number++) {
        for (const [kind, cache] of Object.entries({
          "empty cache": `cache-${number}`,
          "warm cache": warm,
        })) {
          const result = await check(`${number}, ${kind}`, async (show) => {
            const place = { folder: join(folder, `${kind}-${number}`), cache: join(folder, cache) };
            return { ok: true, seconds: await measure(place, registry.url, show) };
          });
          figures[kind].push(result.seconds);
        }
      }
    } finally {
      registry.close();
    }
    for (const line of tableOf(figures)) console.log(line);
  });
}

/** The seconds of each step. */
async function measure({ folder, cache }, registry, show) {
  mkdirSync(folder);
  const env = { ...process.env, npm_config_registry: registry, npm_config_cache: cache };
  const started = performance.now();
  const secondsSince = (start) => (performance.now() - start) / 1000;
  show("creating");
  const args = ["create", "--yes", "ws-app@latest", "my-app", "--", "--template", template];
  const child = spawn("npm", args, {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: limitMs,
  });
  let created;
  child.stdout.setEncoding("utf8").on("data", (text) => {
    if (!text.includes("Installing the dependencies")) return;
    created ??= secondsSince(started);
    show("installing");
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`npm create ended with ${code}.`);
  const installed = secondsSince(started);
  show("starting");
  const application = await Application.start(join(folder, "my-app"), ["npm", "run", "dev"]);
  try {
    const { path, says, hears } = templates[template];
    await application.answers(path, says, hears, limitMs);
    const all = secondsSince(started);
    return [created, installed - created, all - installed, all];
  } finally {
    application.kill();
  }
}

function tableOf(figures) {
  const load = loadavg().map((average) => average.toFixed(1));
  const rows = steps.map((step, index) => [
    step,
    ...Object.values(figures).map((each) => spread(each, index)),
  ]);
  const lines = [["seconds", ...Object.keys(figures)], ["---", "---:", "---:"], ...rows];
  return [
    ...lines.map((cells) => `| ${cells.join(" | ")} |`),
    `Template ${template}, ${runs} runs each, Node ${process.versions.node}, load average ${load.join(", ")}`,
  ];
}

/** The median, and in brackets the fastest and the slowest. */
function spread(measured, index) {
  const sorted = measured.map((seconds) => seconds[index]).sort((a, b) => a - b);
  const [fastest, median, slowest] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `${median.toFixed(1)} (${fastest.toFixed(1)}–${slowest.toFixed(1)})`;
}

if (isMain(import.meta.url)) {
  try {
    await setup();
    const built = await build();
    const { ok, output } = built.ok ? await stopwatch() : built;
    process.stdout.write(output);
    if (!ok) process.exitCode = 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
