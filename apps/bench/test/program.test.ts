import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const LIMIT_MS = 20_000;
const MAIN = join(__dirname, "../dist/main.js");
const run = promisify(execFile);

describe("the program", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "vernal-bench-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it(
    "shows progress and tables, and writes results and charts",
    async () => {
      const json = join(folder, "results/all.json");
      const options = ["--rounds", "1", "--messages", "100", "--quick", "--json", json, "--charts", folder];
      const { stdout } = await run(process.execPath, [MAIN, "dispatch-16", ...options]);
      expect(stdout).toMatch(/\[1\/3\] dispatch-16, round 1 of 1, vernal: \d+\.\d\d µs/);
      expect(stdout).toMatch(/vernal +\d+\.\d\d/);
      expect(stdout).toMatch(/dispatch-16 \(cpu\) +at most 1\.1 of ws/);
      expect(readdirSync(folder)).toContain("dispatch-16.svg");
      const results = JSON.parse(readFileSync(json, "utf8")) as Record<string, unknown>;
      expect(results).toMatchObject({
        environment: { node: process.versions.node, packages: { ws: { ws: expect.any(String) as string } } },
        options: { rounds: 1, messages: 100 },
        scenarios: [{ name: "dispatch-16", rounds: [{ round: 0 }, { round: 0 }, { round: 0 }] }],
      });
    },
    LIMIT_MS,
  );

  it("says what it does not know, and ends with 2", async () => {
    const failed = run(process.execPath, [MAIN, "ecko"]);
    await expect(failed).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"ecko"') as string,
    });
  });
});
