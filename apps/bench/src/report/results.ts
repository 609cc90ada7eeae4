import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Run } from "../arguments";
import type { Contest } from "../contest";
import { chart } from "./chart";
import { compare } from "./comparison";
import { environment } from "./environment";
import { judge } from "./requirements";

/** Writes all that was measured, and what follows from it. */
export function writeResults(file: string, run: Run, contests: readonly Contest[], began: Date): void {
  const { rounds, settings, peers } = run;
  const results = {
    began: began.toISOString(),
    ended: new Date().toISOString(),
    environment: environment(),
    options: { rounds, peers: peers ?? "all", ...settings },
    requirements: judge(contests),
    scenarios: contests.map((contest) => {
      const { name, title, metrics, baseline } = contest.scenario;
      const comparisons = metrics.map((metric) => {
        const { noise, standings } = compare(contest, metric);
        return { metric, noise, standings };
      });
      return { name, title, baseline, comparisons, rounds: contest.entries };
    }),
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, finite, 2)}\n`);
}

/** Draws each figure into a file of its own: `<scenario>.svg`, or `<scenario>-<figure>.svg` where there are several. */
export function writeCharts(folder: string, contests: readonly Contest[]): void {
  mkdirSync(folder, { recursive: true });
  for (const contest of contests) {
    const { name, metrics } = contest.scenario;
    for (const metric of metrics) {
      const comparison = compare(contest, metric);
      if (comparison.standings.every(({ figure }) => figure === undefined)) continue;
      const file = metrics.length === 1 ? `${name}.svg` : `${name}-${metric.name}.svg`;
      writeFileSync(join(folder, file), chart(comparison));
    }
  }
}

/** JSON has no infinity. */
function finite(_key: string, value: unknown): unknown {
  return value === Infinity ? "unbounded" : value;
}
