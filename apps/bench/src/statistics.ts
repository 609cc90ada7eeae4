/** Of a figure in all rounds. */
export interface Summary {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** A figure per round; `undefined` where a round has none. */
export type Series = readonly (number | undefined)[];

/** What is known of a figure: `undefined` if no round has one. */
export function summarise(series: Series): Summary | undefined {
  const sorted = series.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { minimum: sorted[0]!, median, maximum: sorted[sorted.length - 1]! };
}

/** Round by round, because what disturbs a round disturbs both. */
export function pairedRatios(series: Series, baseline: Series): Series {
  return series.map((value, round) => {
    const base = baseline[round];
    return value === undefined || base === undefined || base <= 0 || value <= 0 ? undefined : value / base;
  });
}

/**
 * The factor by which the ratios of a server to itself are off in the worst round: 1.04 means that a difference of 4 %,
 * either way, says nothing. `undefined` without a control.
 */
export function noiseOf(controlRatios: Series): number | undefined {
  const distances = controlRatios.filter((ratio) => ratio !== undefined).map(distance);
  return distances.length === 0 ? undefined : Math.max(...distances);
}

/** Whether a ratio is further from 1 than the noise. */
export function isBeyondNoise(ratio: number, noise: number | undefined): boolean {
  return noise !== undefined && distance(ratio) > noise;
}

/** How far a ratio is from 1, either way, as a factor of at least 1. */
function distance(ratio: number): number {
  return ratio < 1 ? 1 / ratio : ratio;
}
