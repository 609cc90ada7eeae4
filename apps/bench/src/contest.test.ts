import { contestantsOf, hold, orderOf, type Entry } from "./contest";
import type { Scenario, Settings } from "./scenarios/scenario";

const SETTINGS: Settings = {
  seconds: 1,
  messages: undefined,
  warmUpSeconds: 0,
  maxConnections: 1,
  starts: 1,
  pin: false,
};

const scenario: Scenario = {
  name: "made-up",
  title: "Made up",
  metrics: [{ name: "cpu", title: "CPU", unit: "µs" }],
  baseline: "ws",
  peers: ["vernal", "ws", "nest"],
  measure: ({ name }) =>
    name === "nest" ? Promise.reject(new Error("nest is out")) : Promise.resolve({ figures: { cpu: 1 } }),
};
const namesOf = (wanted?: readonly string[]): string[] =>
  contestantsOf(scenario, wanted).map(({ name }) => name);

test("everybody takes part, and the baseline twice", () => {
  expect(namesOf()).toEqual(["vernal", "ws", "nest", "ws (control)"]);
});

test("of some peers the baseline is one all the same", () => {
  expect(namesOf(["nest"])).toEqual(["ws", "nest", "ws (control)"]);
});

test("each round begins with another one", () => {
  expect(orderOf(["a", "b", "c"], 0)).toEqual(["a", "b", "c"]);
  expect(orderOf(["a", "b", "c"], 2)).toEqual(["c", "a", "b"]);
  expect(orderOf(["a", "b", "c"], 4)).toEqual(["b", "c", "a"]);
});

test("a failure is told and counts for one alone", async () => {
  const told: Entry[] = [];
  const listener = { begins: () => {}, ends: (entry: Entry) => void told.push(entry) };
  const contest = await hold(scenario, contestantsOf(scenario, undefined), 2, SETTINGS, listener);
  expect(contest.entries).toEqual(told);
  expect(told).toHaveLength(8);
  const failed = told.filter(({ error }) => error !== undefined);
  expect(failed.map(({ contestant, error }) => [contestant, error])).toEqual([
    ["nest", "nest is out"],
    ["nest", "nest is out"],
  ]);
});
