import { peerNamed, type Peer } from "./peers/catalogue";
import { killChildren } from "./processes/child";
import type { Measurement, Scenario, Settings } from "./scenarios/scenario";

/** A peer in a scenario, under the name that the tables give it. */
export interface Contestant {
  readonly name: string;
  readonly peer: Peer;
}

/** What one contestant showed in one round. */
export interface Entry {
  readonly round: number;
  readonly contestant: string;
  readonly measurement?: Measurement;
  /** Why there is none. */
  readonly error?: string;
}

/** All rounds of one scenario. */
export interface Contest {
  readonly scenario: Scenario;
  readonly contestants: readonly string[];
  readonly rounds: number;
  readonly entries: readonly Entry[];
}

export interface ContestListener {
  begins(scenario: Scenario, contestant: string, round: number): void;
  ends(entry: Entry): void;
}

/** The name of the baseline where it is measured once more, against itself. */
export function controlOf({ baseline }: Scenario): string {
  return `${baseline} (control)`;
}

/** Who takes part: those that are wanted, what they are compared with, and its control. */
export function contestantsOf(scenario: Scenario, wanted: readonly string[] | undefined): Contestant[] {
  const { baseline, peers } = scenario;
  const names = peers.filter((name) => wanted === undefined || wanted.includes(name) || name === baseline);
  const contestants = names.map((name) => ({ name, peer: peerNamed(name) }));
  return [...contestants, { name: controlOf(scenario), peer: peerNamed(baseline) }];
}

/** In each round another one begins, so that nobody always runs behind the same neighbour. */
export function orderOf<T>(contestants: readonly T[], round: number): T[] {
  const first = round % contestants.length;
  return [...contestants.slice(first), ...contestants.slice(0, first)];
}

/** Measures a scenario, one process after another. A failure is an entry, and the others go on. */
export async function hold(
  scenario: Scenario,
  contestants: readonly Contestant[],
  rounds: number,
  settings: Settings,
  listener: ContestListener,
): Promise<Contest> {
  const entries: Entry[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, peer } of orderOf(contestants, round)) {
      listener.begins(scenario, name, round);
      const entry = { round, contestant: name, ...(await attempt(scenario, peer, settings)) };
      entries.push(entry);
      listener.ends(entry);
    }
  }
  return { scenario, contestants: contestants.map(({ name }) => name), rounds, entries };
}

async function attempt(
  scenario: Scenario,
  peer: Peer,
  settings: Settings,
): Promise<Pick<Entry, "measurement" | "error">> {
  let isTooLate = false;
  const limit = timeLimitMs(settings);
  const timer = setTimeout(() => {
    isTooLate = true;
    killChildren();
  }, limit);
  try {
    return { measurement: await scenario.measure(peer, settings) };
  } catch (error) {
    if (isTooLate) return { error: `It did not end within ${Math.round(limit / 1000)} s` };
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** After which a measurement hangs: what it may take, and as long as the slowest peer opens its connections. */
function timeLimitMs({ seconds, warmUpSeconds, messages = 0 }: Settings): number {
  return 120_000 + (seconds + warmUpSeconds) * 1000 + messages;
}
