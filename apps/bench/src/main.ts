import { constants } from "node:os";
import { HELP, listing, parseArguments, UsageError, type Run } from "./arguments";
import { contestantsOf, hold, type Contest } from "./contest";
import { Progress } from "./report/progress";
import { judge } from "./report/requirements";
import { writeCharts, writeResults } from "./report/results";
import { requirementTable, scenarioTable } from "./report/table";

const WRONG_COMMAND_LINE = 2;

// The processes that were started end with this one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = error instanceof UsageError ? WRONG_COMMAND_LINE : 1;
});

async function main(args: readonly string[]): Promise<void> {
  const request = parseArguments(args);
  if (request.action === "help") process.stdout.write(HELP);
  else if (request.action === "list") process.stdout.write(listing());
  else await run(request);
}

async function run(request: Run): Promise<void> {
  const { scenarios, peers, rounds, settings, json, charts } = request;
  const began = new Date();
  const planned = scenarios.map((scenario) => ({ scenario, contestants: contestantsOf(scenario, peers) }));
  const total = planned.reduce((sum, { contestants }) => sum + contestants.length * rounds, 0);
  const progress = new Progress(total, rounds);
  const contests: Contest[] = [];
  for (const { scenario, contestants } of planned) {
    contests.push(await hold(scenario, contestants, rounds, settings, progress));
    // After each scenario, so that a run that is cut short leaves something behind.
    if (json !== undefined) writeResults(json, request, contests, began);
    if (charts !== undefined) writeCharts(charts, contests);
  }
  const tables = [...contests.map(scenarioTable), requirementTable(judge(contests))];
  process.stdout.write(`\n${tables.filter((text) => text !== "").join("\n")}`);
  const failed = contests.flatMap(({ entries }) => entries).filter(({ error }) => error !== undefined);
  if (failed.length > 0) {
    console.error(`\n${failed.length} of ${total} measurements failed; see above.`);
    process.exitCode = 1;
  }
}
