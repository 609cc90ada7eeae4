import { chart } from "../src/report/chart";
import { compare } from "../src/report/comparison";
import { judge } from "../src/report/requirements";
import { requirementTable, scenarioTable, table } from "../src/report/table";
import type { Contest } from "../src/contest";
import { madeUpContest } from "./made-up-contest";

const busy = { connections: 64, serverBusy: 0.994, loadBusy: 0.5 };
const contest = madeUpContest(
  "echo-128-16",
  {
    vernal: [1, 1.5, 2],
    ws: [10, 10, 10],
    nest: [15, 15, 30],
    fastify: [10.1, 10.1, 10.1],
    crossws: [undefined, undefined, undefined],
    "ws (control)": [10, 10.4, 9.8],
  },
  busy,
);
const standing = (of: Contest, name: string) =>
  compare(of, of.scenario.metrics[0]!).standings.find(({ contestant }) => contestant === name)!;
const chartOf = (of: Contest): string => chart(compare(of, of.scenario.metrics[0]!));

describe("a comparison", () => {
  it("pairs the rounds", () => {
    expect(standing(contest, "vernal").ratio).toEqual({ minimum: 0.1, median: 0.15, maximum: 0.2 });
    expect(standing(contest, "nest").ratio).toEqual({ minimum: 1.5, median: 1.5, maximum: 3 });
  });

  it("says how much less or more, and of what is nearer than the control nothing", () => {
    expect(standing(contest, "vernal").verdict).toBe("6.67 times less");
    expect(standing(contest, "nest").verdict).toBe("1.50 times as much");
    expect(standing(contest, "fastify").verdict).toBe("within noise");
    expect(standing(contest, "ws (control)").verdict).toBe("noise 4.0 %");
    expect(standing(contest, "ws").verdict).toBe("");
  });

  it("says what is missing", () => {
    expect(standing(contest, "crossws").verdict).toBe("not measured");
    expect(standing(madeUpContest("idle", { ws: [1], nest: [9] }), "nest").verdict).toBe("no control");
  });

  it("does not compare what was sent plainly with what was compressed", () => {
    const plain = madeUpContest(
      "compressed-512",
      { vernal: [1], ws: [9], "ws (control)": [9] },
      {
        compressedPart: 0,
      },
    );
    expect(standing(plain, "vernal").verdict).toBe("sent uncompressed");
    expect(judge([plain])[0]!.verdict).toBe("sent uncompressed");
  });
});

describe("requirements", () => {
  const verdicts = (of: Contest): unknown[] =>
    judge([of]).map(({ requirement, reached, verdict }) => [requirement.against, reached, verdict]);

  it("are met or not, by their own measure", () => {
    const figures = { vernal: [1], ws: [6], nest: [7], "ws (control)": [6.1] };
    expect(verdicts(madeUpContest("echo-128-16", figures))).toEqual([
      ["ws", 6, "yes"],
      ["nest", 7, "no"],
    ]);
    expect(verdicts(madeUpContest("handshake", { vernal: [150], ws: [100], "ws (control)": [101] }))).toEqual(
      [["ws", 1.5, "no"]],
    );
  });

  it("are open so close to the limit that the control is further from itself", () => {
    const figures = { vernal: [116], ws: [100], "ws (control)": [103] };
    expect(verdicts(madeUpContest("handshake", figures))).toEqual([["ws", 1.16, "within noise"]]);
  });

  it("are of what was measured only", () => {
    expect(judge([madeUpContest("handshake", { ws: [1], nest: [2] })])).toEqual([]);
    expect(verdicts(madeUpContest("json-16", { vernal: [1], "ws-json": [4] }))).toEqual([
      ["ws-json", 4, "yes"],
      ["nest", undefined, "not measured"],
    ]);
  });
});

describe("tables", () => {
  it("are as wide as their cells", () => {
    expect(
      table([
        ["", "median"],
        ["vernal", "1.5"],
      ]),
    ).toBe("        median\nvernal     1.5\n");
  });

  it("show each contestant with its verdict", () => {
    expect(scenarioTable(contest)).toBe(
      [
        "Echo of 128 bytes, 16 in flight (echo-128-16): server CPU per message, µs",
        "64 connections, 3 rounds",
        "              median    min    max  times ws   min   max  busy: server  load",
        "vernal          1.50   1.00   2.00      0.15  0.10  0.20          99 %  50 %  6.67 times less",
        "ws             10.00  10.00  10.00      1.00  1.00  1.00          99 %  50 %",
        "nest           15.00  15.00  30.00      1.50  1.50  3.00          99 %  50 %  1.50 times as much",
        "fastify        10.10  10.10  10.10      1.01  1.01  1.01          99 %  50 %  within noise",
        "crossws            -      -      -         -     -     -                      not measured",
        "ws (control)   10.00   9.80  10.40      1.00  0.98  1.04          99 %  50 %  noise 4.0 %",
        "",
      ].join("\n"),
    );
  });

  it("warn of few rounds", () => {
    expect(scenarioTable(madeUpContest("start-up", { ws: [1] }))).toContain("1 round, not to be quoted");
  });

  it("show what was required", () => {
    const text = requirementTable(judge([contest]));
    expect(text).toMatch(/echo-128-16 \(cpu\) {2}at least 5 times ws {7}6\.67 {2}yes/);
    expect(requirementTable([])).toBe("");
  });
});

describe("a chart", () => {
  it("has a bar for whoever was measured, but none for the control", () => {
    const picture = chartOf(contest);
    expect(picture.match(/<rect/g)).toHaveLength(4);
    expect(picture.match(/class="bar us"/g)).toHaveLength(1);
    expect(picture).not.toContain("control");
    expect(picture).not.toContain("crossws");
    expect(picture).toContain("1.50 µs");
  });

  it("is as long as the figure", () => {
    const widths = [...chartOf(contest).matchAll(/width="([\d.]+)" height="16"/g)].map(([, width]) =>
      Number(width),
    );
    // 30 is the most of nest, and takes the whole width.
    expect(widths).toEqual([24, 160, 240, 161.6]);
  });

  it("can be read in light and dark, and without seeing it", () => {
    const picture = chartOf(contest);
    expect(picture).toContain("prefers-color-scheme: dark");
    expect(picture).toMatch(/role="img" aria-label="[^"]*vernal 1\.50, ws 10\.0/);
    expect(picture).not.toMatch(/href|url\(|@import/);
  });

  it("survives any name", () => {
    expect(chartOf(madeUpContest("idle", { '<&">': [1] }))).toContain("&lt;&amp;&quot;&gt;</text>");
  });
});
