import type { Contest } from "../src/contest";
import { scenarios } from "../src/scenarios/catalogue";
import type { Measurement } from "../src/scenarios/scenario";

/** For tests: a contest whose figures are given, by contestant, round by round. */
export function madeUpContest(
  name: string,
  figures: Readonly<Record<string, readonly (number | undefined)[]>>,
  rest: Omit<Measurement, "figures"> = {},
): Contest {
  const scenario = scenarios.find((each) => each.name === name)!;
  const [metric] = scenario.metrics;
  const entries = Object.entries(figures).flatMap(([contestant, values]) =>
    values.map((value, round) =>
      value === undefined
        ? { round, contestant, error: "it failed" }
        : { round, contestant, measurement: { figures: { [metric!.name]: value }, ...rest } },
    ),
  );
  const rounds = Math.max(...Object.values(figures).map(({ length }) => length));
  return { scenario, contestants: Object.keys(figures), rounds, entries };
}
