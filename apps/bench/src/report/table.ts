import type { Contest } from "../contest";
import type { Summary } from "../statistics";
import { circumstances, compare, type Comparison, type Standing } from "./comparison";
import { type Outcome, requirementText } from "./requirements";

/** Columns as wide as they have to be: the first one to the left, and those of text; numbers to the right. */
export function table(rows: readonly (readonly string[])[], leftColumns: readonly number[] = [0]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? "";
        return leftColumns.includes(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** The figures of a scenario. */
export function scenarioTable(contest: Contest): string {
  return contest.scenario.metrics.map((metric) => comparisonTable(compare(contest, metric))).join("\n");
}

/** What was required, and what was reached. */
export function requirementTable(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return "";
  const rows = outcomes.map(({ requirement, reached, verdict }) => [
    `${requirement.scenario} (${requirement.metric})`,
    requirementText(requirement),
    reached === undefined ? "-" : reached.toFixed(2),
    verdict,
  ]);
  return `What Vernal has to reach\n${table([["scenario", "required", "reached", "verdict"], ...rows], [0, 1, 3])}`;
}

function comparisonTable({ contest, metric, standings }: Comparison): string {
  const { scenario } = contest;
  const heading = `${scenario.title} (${scenario.name}): ${metric.title}, ${metric.unit}`;
  const ratio = `times ${scenario.baseline}`;
  const columns = ["", "median", "min", "max", ratio, "min", "max", "busy: server", "load", ""];
  const digits = digitsFor(standings);
  const rows = standings.map((standing) => [
    standing.contestant,
    ...numbers(standing.figure, digits),
    ...numbers(standing.ratio, 2),
    percent(standing.serverBusy),
    percent(standing.loadBusy),
    standing.verdict,
  ]);
  return `${heading}\n${circumstances(contest)}\n${table([columns, ...rows], [0, columns.length - 1])}`;
}

function numbers(summary: Summary | undefined, digits: number): string[] {
  if (summary === undefined) return ["-", "-", "-"];
  return [summary.median, summary.minimum, summary.maximum].map((value) => value.toFixed(digits));
}

/** As many as the smallest figure needs. */
function digitsFor(standings: readonly Standing[]): number {
  const smallest = Math.min(...standings.map(({ figure }) => figure?.median ?? Infinity));
  return smallest < 10 ? 2 : smallest < 100 ? 1 : 0;
}

function percent(part: number | undefined): string {
  return part === undefined ? "" : `${Math.round(part * 100)} %`;
}
