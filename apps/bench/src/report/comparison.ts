import { controlOf, type Contest } from "../contest";
import type { Metric } from "../scenarios/scenario";
import { isBeyondNoise, noiseOf, pairedRatios, summarise, type Series, type Summary } from "../statistics";

/** One contestant in one figure, beside the baseline. */
export interface Standing {
  readonly contestant: string;
  readonly figure: Summary | undefined;
  /** What it costs for each unit that the baseline costs, round by round. */
  readonly ratio: Summary | undefined;
  readonly verdict: string;
  readonly serverBusy: number | undefined;
  readonly loadBusy: number | undefined;
}

/** All contestants in one figure of a scenario. */
export interface Comparison {
  readonly contest: Contest;
  readonly metric: Metric;
  /** See `noiseOf`. */
  readonly noise: number | undefined;
  readonly standings: readonly Standing[];
}

/** Fewer rounds than this have no spread worth the name. */
const ENOUGH_ROUNDS = 3;
/** What came compressed in a few messages less was still compressed. */
const COMPRESSED = 0.99;

export function compare(contest: Contest, metric: Metric): Comparison {
  const { scenario, contestants } = contest;
  const control = controlOf(scenario);
  const baseline = seriesOf(contest, scenario.baseline, metric);
  const noise = noiseOf(pairedRatios(seriesOf(contest, control, metric), baseline));
  const standings = contestants.map((contestant) => {
    const series = seriesOf(contest, contestant, metric);
    const ratio = summarise(pairedRatios(series, baseline));
    return {
      contestant,
      figure: summarise(series),
      ratio,
      verdict: verdictOf(contest, contestant, ratio, noise),
      serverBusy: busyOf(contest, contestant, "serverBusy"),
      loadBusy: busyOf(contest, contestant, "loadBusy"),
    };
  });
  return { contest, metric, noise, standings };
}

/** The figures of a contestant, round by round. */
export function seriesOf(contest: Contest, contestant: string, metric: Metric): Series {
  return Array.from({ length: contest.rounds }, (_, round) => {
    const entry = contest.entries.find((each) => each.round === round && each.contestant === contestant);
    return entry?.measurement?.figures[metric.name];
  });
}

/** Whether it sent plainly what was to be compressed. */
export function isUncompressed({ entries }: Contest, contestant: string): boolean {
  return entries.some(
    (entry) => entry.contestant === contestant && (entry.measurement?.compressedPart ?? 1) < COMPRESSED,
  );
}

/** How it was measured: "64 connections, 5 rounds". */
export function circumstances({ rounds, entries }: Contest): string {
  const counts = entries
    .map(({ measurement }) => measurement?.connections)
    .filter((count) => count !== undefined);
  const parts = counts.length === 0 ? [] : [`${Math.min(...counts)} connections`];
  parts.push(rounds === 1 ? "1 round" : `${rounds} rounds`);
  if (rounds < ENOUGH_ROUNDS) parts.push("not to be quoted");
  return parts.join(", ");
}

/** 1.043 as "4.3 %". */
export function noiseText(noise: number): string {
  return `${((noise - 1) * 100).toFixed(1)} %`;
}

function verdictOf(
  contest: Contest,
  contestant: string,
  ratio: Summary | undefined,
  noise: number | undefined,
): string {
  const { scenario } = contest;
  if (contestant === scenario.baseline) return "";
  if (contestant === controlOf(scenario)) return noise === undefined ? "" : `noise ${noiseText(noise)}`;
  if (isUncompressed(contest, contestant)) return "sent uncompressed";
  if (ratio === undefined) return "not measured";
  if (noise === undefined) return "no control";
  const { median } = ratio;
  if (!isBeyondNoise(median, noise)) return "within noise";
  return median < 1 ? `${(1 / median).toFixed(2)} times less` : `${median.toFixed(2)} times as much`;
}

function busyOf(
  { entries }: Contest,
  contestant: string,
  side: "serverBusy" | "loadBusy",
): number | undefined {
  const own = entries.filter((entry) => entry.contestant === contestant);
  return summarise(own.map(({ measurement }) => measurement?.[side]))?.median;
}
