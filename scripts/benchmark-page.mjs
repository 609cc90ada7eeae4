import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./repository.mjs";

const page = "docs/internals/benchmark.md";
const US = "vernal";
const [file] = process.argv.slice(2);

if (file === undefined) {
  console.error("Usage: node scripts/benchmark-page.mjs <file that pnpm bench --json has written>");
  process.exit(2);
}
const results = JSON.parse(readFileSync(file, "utf8"));
writeFileSync(join(root, page), `${[intro(), ...results.scenarios.flatMap(chapter)].join("\n\n")}\n`);
console.log(`Wrote ${page}. Now run: npx prettier --write ${page}`);

function intro() {
  const { began, ended, environment, options, requirements } = results;
  const minutes = Math.round((Date.parse(ended) - Date.parse(began)) / 60_000);
  const { node, cpu, cores, kernel } = environment;
  const system = kernel.split(" ")[0];
  const servers = Object.entries(environment.packages).map(
    ([peer, versions]) =>
      `| ${peer} | ${Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", ")} |`,
  );
  return [
    "# Benchmark results",
    `Made by \`node scripts/benchmark-page.mjs\` out of the results of \`pnpm bench --pin --json … --charts docs/images/bench\`.
How it is measured, and what cannot be compared: [apps/bench](../../apps/bench/README.md). Where the time goes, and what did
not pay: [performance](performance.md).`,
    `${began.slice(0, 10)}, ${minutes} minutes, ${options.rounds} rounds of ${options.seconds} s; Node ${node}, ${system}, ${cores} cores of
an ${cpu}, a virtual machine whose neighbours one does not know: see the noise.`,
    ["| server | versions |", "| --- | --- |", ...servers].join("\n"),
    "## What is required",
    `"Reached" is the median of the ratios within each round. Where it is closer to the limit than the control was to itself
in its worst round, it is "within noise", and the next run may say the opposite.`,
    [
      "| scenario | figure | required | reached | |",
      "| --- | --- | --- | ---: | --- |",
      ...requirements.map(requirementRow),
    ].join("\n"),
  ].join("\n\n");
}

function requirementRow({ requirement: { scenario, metric, against, kind, limit }, reached, verdict }) {
  const required = kind === "cost" ? `at most ${limit} of ${against}` : `at least ${limit} times ${against}`;
  return `| ${scenario} | ${metric} | ${required} | ${reached?.toFixed(2) ?? ""} | ${verdict} |`;
}

function chapter({ name, title, baseline, comparisons }) {
  return [
    `## ${title}`,
    ...comparisons.flatMap(({ metric, noise, standings }) => {
      const image = comparisons.length === 1 ? name : `${name}-${metric.name}`;
      const best = standings.find(({ contestant }) => contestant === US)?.figure?.median;
      const alt = `${metric.title}: ${standings
        .filter(({ figure }) => figure !== undefined)
        .map(({ contestant, figure }) => `${contestant} ${figure.median.toFixed(2)}`)
        .join(", ")} ${metric.unit}`;
      return [
        best === undefined ? "" : `![${alt}](../images/bench/${image}.svg)`,
        [
          `| ${metric.title}, ${metric.unit} | median | minimum | maximum | against ${baseline} | spread |`,
          "| --- | ---: | ---: | ---: | ---: | --- |",
          ...standings.map(standingRow),
        ].join("\n"),
        noise === undefined ? "" : `Noise: ${((noise - 1) * 100).toFixed(0)} %.`,
      ];
    }),
  ].filter((part) => part !== "");
}

function standingRow({ contestant, figure, ratio }) {
  if (figure === undefined) return `| ${contestant} | not measured | | | | |`;
  const { median, minimum, maximum } = figure;
  const numbers = [median, minimum, maximum].map((value) => value.toFixed(2)).join(" | ");
  const against =
    ratio === undefined
      ? " |"
      : `${ratio.median.toFixed(2)} | ${ratio.minimum.toFixed(2)} to ${ratio.maximum.toFixed(2)}`;
  return `| ${contestant} | ${numbers} | ${against} |`;
}
