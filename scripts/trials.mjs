import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { showingProgress } from "./progress.mjs";

/**
 * Tries out what is published, in a folder outside of the repository that goes away afterwards. `work` gets the folder, and
 * `check`, which runs one trial, shows what it is doing and makes a row of its result. With `VERNAL_KEEP_<NAME>=1` the
 * folder stays.
 */
export async function tryOutside(name, work) {
  const keeps = process.env[`VERNAL_KEEP_${name.toUpperCase()}`];
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `vernal-${name}-`)));
  // Also after Ctrl-C.
  const onSignal = () => process.exit(1);
  const tidy = () => {
    if (!keeps) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on("exit", tidy).on("SIGINT", onSignal).on("SIGTERM", onSignal);
  if (keeps) console.log(`  the projects stay in ${folder}`);
  try {
    return await showingTrials((check) => work(folder, check));
  } finally {
    process.off("exit", tidy).off("SIGINT", onSignal).off("SIGTERM", onSignal);
    tidy();
  }
}

async function showingTrials(work) {
  // What is going on, by trial.
  const activities = new Map();
  const describe = () => [...activities].map(([name, activity]) => `${name}: ${activity}`).join(", ");
  return showingProgress(describe, async (print) => {
    const results = [];
    await work(async (name, trial) => {
      const started = performance.now();
      const result = await trial((activity) => activities.set(name, activity));
      activities.delete(name);
      const { ok, output } = result;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const row = [`  ${name}`, ok ? "ok" : "FAILED", `${seconds} s`];
      print(`${row.join(" ")}\n`);
      results.push({ ok, output: ok ? "" : `--- ${name}\n${output}`, row });
      return result;
    });
    return {
      ok: results.every(({ ok }) => ok),
      output: results.map(({ output }) => output).join(""),
      rows: results.map(({ row }) => row),
    };
  });
}

export async function twoAtATime(items, work) {
  const waiting = [...items];
  const worker = async () => {
    while (waiting.length > 0) await work(waiting.shift());
  };
  await Promise.all([worker(), worker()]);
}
