import { parseArgs } from "node:util";
import { peers } from "./peers/catalogue";
import { scenarios, scenariosNamed } from "./scenarios/catalogue";
import type { Scenario, Settings } from "./scenarios/scenario";

/** What the command line asks for. */
export interface Run {
  readonly action: "run";
  readonly scenarios: readonly Scenario[];
  /** Names of peers; all of them if `undefined`. What a scenario compares with is measured in any case. */
  readonly peers: readonly string[] | undefined;
  readonly rounds: number;
  readonly settings: Settings;
  readonly json: string | undefined;
  readonly charts: string | undefined;
}

export type Request = Run | { readonly action: "help" } | { readonly action: "list" };

/** A command line that cannot be followed. */
export class UsageError extends Error {}

export const HELP = `Usage: pnpm bench [scenario or peer ...] [options]

Measures what messages, connections and starts cost a Vernal server, beside ws and other frameworks, in server CPU.
Without names: every scenario, every peer. A name such as "echo" stands for all scenarios that begin with it.

  --rounds <n>      how often every peer of a scenario is measured, in turns (default 5)
  --seconds <n>     how long a measured interval lasts (default 2)
  --messages <n>    end an interval after so many messages instead
  --json <file>     write all figures, with versions and machine, to a file
  --charts <folder> draw a chart (SVG) for each figure
  --pin             keep the server on core 0 and the load on core 1 (needs taskset)
  --quick           2 rounds of 0.5 s, fewer connections: to see that it works, not to quote
  --list            print the names of scenarios and peers
  --help            print this

The exit code is 0 when everything was measured, 1 when something could not be, 2 for a wrong command line. A requirement
that is not met is part of the result and no error.
`;

const FULL = { rounds: 5, seconds: 2, warmUpSeconds: 1, maxConnections: Infinity, starts: 5 };
const QUICK = { rounds: 2, seconds: 0.5, warmUpSeconds: 0.3, maxConnections: 1000, starts: 2 };

export function parseArguments(args: readonly string[]): Request {
  const { values, positionals } = parse(args);
  if (values.help) return { action: "help" };
  if (values.list) return { action: "list" };
  const { rounds, ...defaults } = values.quick ? QUICK : FULL;
  const messages = values.messages === undefined ? undefined : wholeNumber("messages", values.messages);
  if (messages !== undefined && values.seconds !== undefined) {
    throw new UsageError("--seconds and --messages exclude each other: an interval ends once.");
  }
  const seconds = values.seconds === undefined ? defaults.seconds : positiveNumber("seconds", values.seconds);
  return {
    action: "run",
    ...namesIn(positionals),
    rounds: values.rounds === undefined ? rounds : wholeNumber("rounds", values.rounds),
    settings: { ...defaults, seconds, messages, pin: values.pin ?? false },
    json: values.json,
    charts: values.charts,
  };
}

/** What `--list` prints. */
export function listing(): string {
  const lines = scenarios.map(({ name, title }) => `  ${name.padEnd(20)}${title}`);
  return `Scenarios:\n${lines.join("\n")}\n\nPeers:\n  ${peers.map(({ name }) => name).join(", ")}\n`;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: "string" },
        seconds: { type: "string" },
        messages: { type: "string" },
        json: { type: "string" },
        charts: { type: "string" },
        pin: { type: "boolean" },
        quick: { type: "boolean" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function namesIn(names: readonly string[]): Pick<Run, "scenarios" | "peers"> {
  const chosenScenarios = new Set<Scenario>();
  const chosenPeers = new Set<string>();
  for (const name of names) {
    const found = scenariosNamed(name);
    for (const scenario of found) chosenScenarios.add(scenario);
    if (peers.some((peer) => peer.name === name)) chosenPeers.add(name);
    else if (found.length === 0) {
      throw new UsageError(`There is no scenario and no peer "${name}".\n\n${listing()}`);
    }
  }
  // Of a peer alone, the scenarios in which it takes part.
  const wanted = scenarios.filter(
    (scenario) =>
      (chosenScenarios.size === 0 || chosenScenarios.has(scenario)) &&
      (chosenPeers.size === 0 || scenario.peers.some((peer) => chosenPeers.has(peer))),
  );
  if (wanted.length === 0) {
    throw new UsageError(`No scenario of ${names.join(", ")} has such a peer.`);
  }
  return { scenarios: wanted, peers: chosenPeers.size === 0 ? undefined : [...chosenPeers] };
}

function wholeNumber(option: string, text: string): number {
  const number = positiveNumber(option, text);
  if (!Number.isInteger(number)) throw new UsageError(`--${option} takes a whole number, not ${text}.`);
  return number;
}

function positiveNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`--${option} takes a number above 0, not "${text}".`);
}
