import { isBeyondNoise, noiseOf, pairedRatios, summarise } from "../statistics";
import { controlOf, type Contest } from "../contest";
import { isUncompressed, seriesOf } from "./comparison";

/** What Vernal has to reach. */
export interface Requirement {
  readonly scenario: string;
  readonly metric: string;
  readonly against: string;
  /** `cost`: at most so many times what the other one uses. `capacity`: at least so many times less. */
  readonly kind: "cost" | "capacity";
  readonly limit: number;
}

export interface Outcome {
  readonly requirement: Requirement;
  /** In the terms of the requirement; `undefined` if one of the two was not measured. */
  readonly reached: number | undefined;
  readonly verdict: "yes" | "no" | "within noise" | "sent uncompressed" | "not measured";
}

const US = "vernal";

export const requirements: readonly Requirement[] = [
  cost("dispatch-1", "cpu", "ws", 1.1),
  cost("dispatch-16", "cpu", "ws", 1.1),
  cost("echo-128-1", "cpu", "ws", 1.05),
  capacity("echo-128-16", "ws", 5),
  capacity("echo-128-16", "nest", 8),
  capacity("echo-4096-16", "ws", 2.3),
  capacity("json-16", "ws-json", 3),
  capacity("json-16", "nest", 4),
  capacity("broadcast-500-1", "ws", 1.1),
  capacity("broadcast-500-4", "ws", 2.5),
  capacity("broadcast-500-16", "ws", 8),
  capacity("compressed-512", "ws", 5),
  cost("idle", "rss", "ws", 1.15),
  cost("idle", "rss", "nest", 0.5),
  cost("idle", "heap", "ws", 1.15),
  cost("idle", "heap", "nest", 0.5),
  cost("handshake", "cpu", "ws", 1.15),
  cost("start-up", "cpu", "ws", 1.5),
  cost("start-up", "wall", "ws", 1.5),
];

/** What became of the requirements of the scenarios that were run. */
export function judge(contests: readonly Contest[]): Outcome[] {
  return requirements.flatMap((requirement) => {
    const contest = contests.find(({ scenario }) => scenario.name === requirement.scenario);
    return contest?.contestants.includes(US) ? [judgeOne(requirement, contest)] : [];
  });
}

export function requirementText({ kind, limit, against }: Requirement): string {
  return kind === "cost" ? `at most ${limit} of ${against}` : `at least ${limit} times ${against}`;
}

function judgeOne(requirement: Requirement, contest: Contest): Outcome {
  const { kind, limit, against } = requirement;
  const metric = contest.scenario.metrics.find(({ name }) => name === requirement.metric)!;
  const series = (contestant: string) => seriesOf(contest, contestant, metric);
  const ratio = summarise(pairedRatios(series(US), series(against)))?.median;
  if (ratio === undefined) return { requirement, reached: undefined, verdict: "not measured" };
  const reached = kind === "cost" ? ratio : 1 / ratio;
  if (isUncompressed(contest, US)) return { requirement, reached, verdict: "sent uncompressed" };
  const baseline = series(contest.scenario.baseline);
  const noise = noiseOf(pairedRatios(series(controlOf(contest.scenario)), baseline));
  const isMet = kind === "cost" ? reached <= limit : reached >= limit;
  // So close to the limit that the next run may say the opposite.
  if (noise !== undefined && !isBeyondNoise(reached / limit, noise)) {
    return { requirement, reached, verdict: "within noise" };
  }
  return { requirement, reached, verdict: isMet ? "yes" : "no" };
}

function cost(scenario: string, metric: string, against: string, limit: number): Requirement {
  return { scenario, metric, against, kind: "cost", limit };
}

function capacity(scenario: string, against: string, limit: number): Requirement {
  return { scenario, metric: "cpu", against, kind: "capacity", limit };
}
