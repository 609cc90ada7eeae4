import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { showingProgress } from "./progress.mjs";
import { isMain, root } from "./repository.mjs";
import { setup } from "./setup.mjs";
import { drawChart } from "./soak/chart.mjs";
import { Peers } from "./soak/peers.mjs";

const results = "node_modules/.cache/soak.json";
/** What is compared, and by how much it may grow. */
const measures = { rss: "resident memory", heapUsed: "heap in use" };
const mostGrowth = 0.05;

/**
 * Lets connections come and go at a server for some minutes, and compares its memory at the end with that after the
 * warm-up, under the same load: the medians of two windows.
 */
async function soak(minutes) {
  const seconds = Math.round(minutes * 60);
  const warmUpSeconds = Math.round(seconds / 3);
  const windowSeconds = Math.round(seconds / 6);
  const server = spawn(process.execPath, ["--expose-gc", join(root, "scripts/soak/server.mjs")], {
    env: { ...process.env, NODE_ENV: "production", LOG_LEVEL: "error" },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(server, "exit");
  const answer = async () => {
    const [answer] = await Promise.race([once(server, "message"), ended]);
    if (typeof answer !== "object" || answer === null) throw new Error(`The server ended with ${answer}.`);
    return answer;
  };
  const { port } = await answer();
  const ask = () => {
    server.send("sample");
    return answer();
  };
  const idle = await ask();

  const samples = [];
  const peers = new Peers(port);
  const started = performance.now();
  const describe = () => {
    const { second, rss, heapUsed, stats } = samples.at(-1) ?? { second: 0, ...idle };
    return `${second} of ${seconds} s, ${stats.openSessions} open, ${mib(rss)} resident, ${mib(heapUsed)} heap`;
  };
  await showingProgress(describe, async () => {
    for (let second = 1; second <= seconds; second += 1) {
      await sleep(started + second * 1000 - performance.now());
      samples.push({ second, ...(await ask()) });
    }
  });
  await showingProgress(
    () => "waiting for the last to leave",
    () => peers.end(),
  );
  const empty = await untilEmpty(ask);
  server.send("close");
  const [exitCode] = await ended;

  const inWindow = (from) => samples.filter(({ second }) => second > from && second <= from + windowSeconds);
  const [before, after] = [inWindow(warmUpSeconds), inWindow(seconds - windowSeconds)];
  const comparison = Object.keys(measures).map((name) => {
    const [start, end] = [median(before.map((each) => each[name])), median(after.map((each) => each[name]))];
    return { name, start, end, growth: end / start - 1, spread: spread(before.map((each) => each[name])) };
  });
  const { connections, messages, received, attacks, failures } = peers;
  return {
    node: process.version,
    seconds,
    warmUpSeconds,
    windowSeconds,
    connections,
    messages,
    received,
    attacks,
    failures,
    exitCode,
    idle,
    empty,
    comparison,
    samples,
  };
}

/** The memory when nobody is there any more. */
async function untilEmpty(ask) {
  for (let count = 0; count < 30; count += 1) {
    const sample = await ask();
    if (sample.stats.openSessions === 0) return sample;
    await sleep(1000);
  }
  return ask();
}

function judge({ comparison, failures, exitCode, empty }) {
  const { openSessions, pausedSessions, openedSessions, closesByCode } = empty.stats;
  const closed = Object.values(closesByCode).reduce((sum, count) => sum + count, 0);
  const problems = comparison
    .filter(({ growth }) => growth > mostGrowth)
    .map(({ name, growth }) => `${measures[name]} grew by ${percent(growth)}`);
  if (failures.length > 0)
    problems.push(`${failures.length} failures, such as: ${failures.slice(0, 5).join("; ")}`);
  if (openSessions > 0 || pausedSessions > 0) problems.push(`${openSessions} sessions have not ended`);
  if (openedSessions !== closed) problems.push(`${openedSessions} sessions opened and ${closed} closed`);
  if (exitCode !== 0) problems.push(`the server ended with ${exitCode}`);
  return problems;
}

function print({ node, seconds, connections, messages, received, attacks, comparison, idle, empty }) {
  const attackCount = Object.values(attacks).reduce((sum, count) => sum + count, 0);
  console.log(`\n${node}, ${seconds} s: ${connections} connections, of these ${attackCount} attacks;`);
  console.log(`${messages} messages sent to the server, ${received} received from it`);
  for (const { name, start, end, growth, spread } of comparison) {
    const change = `${mib(start)} after the warm-up (${spread.map(mib).join(" to ")}), ${mib(end)} at the end`;
    console.log(`${measures[name]}: ${change}, ${percent(growth)}`);
  }
  console.log(
    `heap in use before the first connection ${mib(idle.heapUsed)}, after the last ${mib(empty.heapUsed)}`,
  );
  console.log(JSON.stringify({ attacks, ...empty.stats }, null, 1));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function spread(values) {
  return [Math.min(...values), Math.max(...values)];
}

function mib(bytes) {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

function percent(share) {
  return `${share < 0 ? "" : "+"}${(share * 100).toFixed(1)} %`;
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function main() {
  const { values } = parseArgs({ options: { minutes: { type: "string" }, chart: { type: "string" } } });
  const minutes = Number(values.minutes ?? 3);
  if (!(minutes > 0)) throw new Error("--minutes takes a number, such as 3.");
  await setup();
  const built = await build();
  if (!built.ok) throw new Error(built.output);
  const result = await soak(minutes);
  write(join(root, results), JSON.stringify(result));
  if (values.chart !== undefined) {
    const title = `Memory of a server while ${result.connections} connections come and go`;
    write(resolve(values.chart), drawChart({ title, ...result }));
  }
  print(result);
  const problems = judge(result);
  for (const problem of problems) console.error(`FAILED: ${problem}`);
  console.log(`samples: ${results}`);
  if (problems.length > 0) process.exitCode = 1;
}

if (isMain(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
