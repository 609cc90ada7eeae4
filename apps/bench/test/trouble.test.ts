import { readFileSync } from "node:fs";
import { join } from "node:path";
import { peerNamed } from "../src/peers/catalogue";
import { find, probes } from "../src/trouble/probes";

const LIMIT_MS = 30_000;
const repository = join(__dirname, "../../..");

/** The rows of a page's table whose first cell is the name of a probe, its header first. */
function tableOf(page: string): string[][] {
  const rows = readFileSync(join(repository, page), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const names = probes.map(({ name }) => name);
  const first = rows.findIndex(([name]) => names.includes(name!));
  return [rows[first - 2]!, ...rows.filter(([name]) => names.includes(name!))];
}

const [header, ...rows] = tableOf("docs/internals/trouble.md");

test("the page has all of it, and the README the same", () => {
  expect(rows.map(([name]) => name)).toEqual(probes.map(({ name }) => name));
  expect(tableOf("README.md")).toEqual([header, ...rows]);
});

describe.each(header!.slice(1).map((title, index) => [title, index + 1] as const))("%s", (title, column) => {
  const peer = peerNamed(title.toLowerCase().replace(/^nestjs$/, "nest"));
  test.each(probes.map((probe, index) => [probe.name, rows[index]![column]!, probe] as const))(
    "%s: %s",
    async (_, outcome, probe) => {
      expect(await find(peer, probe)).toBe(outcome);
    },
    LIMIT_MS,
  );
});
