import { readFileSync } from "node:fs";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export interface BarrierSearch {
  /** The rules, or groups of rules, to go by. Default: all. */
  readonly rules?: readonly string[];
  /** Selectors of what is not looked at. Default: none. */
  readonly exclude?: readonly string[];
}

/** What axe finds wrong in a page as it is now; its context needs `bypassCSP` where the page has a policy. */
export async function barriersIn(page: Page, { rules, exclude = [] }: BarrierSearch = {}): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.addScriptTag({ content: axeSource });
  const options: RunOptions = {
    ...(rules && { runOnly: [...rules] }),
    resultTypes: ["violations"],
    // No rule needs the style sheets a second time.
    preload: false,
  };
  const violations = await page.evaluate(
    async ([hidden, settings]): Promise<AxeResults["violations"]> => {
      const { axe } = window as unknown as { axe: typeof import("axe-core") };
      const results = await axe.run(hidden.length > 0 ? { exclude: [...hidden] } : document, settings);
      return results.violations;
    },
    [exclude, options] as const,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = "" }) => `${id}: ${html} ${failureSummary}`),
  );
}
