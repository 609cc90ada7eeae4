import { listing, parseArguments, UsageError, type Run } from "./arguments";
import { scenarios } from "./scenarios/catalogue";

const parse = (line: string): Run => parseArguments(line.split(" ").filter(Boolean)) as Run;
const namesOf = (line: string): string[] => parse(line).scenarios.map(({ name }) => name);

describe("a command line", () => {
  it("without names is everything", () => {
    const run = parse("");
    expect(run.scenarios).toEqual(scenarios);
    expect(run.peers).toBeUndefined();
    expect(run.rounds).toBe(5);
  });

  it("names scenarios, alone or by what they begin with", () => {
    expect(namesOf("idle")).toEqual(["idle"]);
    expect(namesOf("echo-128")).toEqual(["echo-128-1", "echo-128-16"]);
    expect(namesOf("json idle json-1")).toEqual(["json-1", "json-16", "idle"]);
  });

  it("names peers, and means the scenarios in which they are", () => {
    const run = parse("ws-json");
    expect(run.scenarios.map(({ name }) => name)).toEqual(["json-1", "json-16"]);
    expect(run.peers).toEqual(["ws-json"]);
    expect(parse("echo nest socket.io").peers).toEqual(["nest", "socket.io"]);
  });

  it("sets how often, how long and where to", () => {
    const run = parse("idle --rounds 3 --seconds 0.25 --json a/b.json --charts c --pin");
    expect(run).toMatchObject({ rounds: 3, json: "a/b.json", charts: "c" });
    expect(run.settings).toMatchObject({ seconds: 0.25, messages: undefined, pin: true });
    expect(parse("idle --messages 1000").settings.messages).toBe(1000);
  });

  it("is quick, but for what it says itself", () => {
    expect(parse("--quick")).toMatchObject({ rounds: 2, settings: { seconds: 0.5, maxConnections: 1000 } });
    expect(parse("--quick --rounds 4").rounds).toBe(4);
  });

  it("asks for help, or for the names", () => {
    expect(parseArguments(["--help"]).action).toBe("help");
    expect(parseArguments(["-h", "echo"]).action).toBe("help");
    expect(parseArguments(["--list"]).action).toBe("list");
    for (const { name } of scenarios) expect(listing()).toContain(name);
  });
});

it.each([
  ["nope", /no scenario and no peer "nope"[^]*echo-128-16/],
  ["echo-", /no scenario and no peer "echo-"/],
  ["json ws", /No scenario of json, ws/],
  ["--rounds 0", /--rounds takes a number above 0, not "0"/],
  ["--rounds 1.5", /--rounds takes a whole number, not 1.5/],
  ["--seconds soon", /--seconds takes a number above 0, not "soon"/],
  ["--messages -1", /messages/],
  ["--seconds 1 --messages 1", /exclude each other/],
  ["--rownds 3", /--rownds/],
  ["--json", /--json/],
])('"%s" is refused', (line, message) => {
  expect(() => parse(line)).toThrow(UsageError);
  expect(() => parse(line)).toThrow(message);
});
