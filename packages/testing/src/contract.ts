import { noTestRunner } from "./errors";

/** One case of a contract suite: it is kept when `run` settles, broken when it rejects. */
export interface ContractCase {
  /** What is promised, as the name of a test. */
  readonly name: string;
  /**
   * Makes what it needs, and gives it back.
   *
   * @throws VernalError `VERNAL_TEST_CONTRACT_BROKEN`, which says what was found; or what the subject itself threw.
   */
  readonly run: () => Promise<void>;
}

/** What jest, vitest and `node:test` have in common. */
export interface TestRunner {
  /** Groups tests. */
  readonly describe: (name: string, suite: () => void) => unknown;
  /** Makes one test. */
  readonly it: (name: string, test: () => Promise<void>) => unknown;
}

/**
 * Makes a test of each case, in a `describe`.
 *
 * ```ts
 * registerContract("RedisRelay", broadcastRelayContract({ connect }));
 * ```
 *
 * @param runner default: the globals `describe` and `it`, as jest has them. vitest and `node:test` export theirs.
 * @throws VernalError `VERNAL_TEST_NO_RUNNER` where there are no such globals.
 */
export function registerContract(title: string, cases: readonly ContractCase[], runner?: TestRunner): void {
  const { describe, it } = (runner ?? globalThis) as Partial<TestRunner>;
  if (describe === undefined || it === undefined) throw noTestRunner();
  describe(title, () => {
    // `it` of node:test gives the test a context, with which `run` has nothing to do.
    for (const each of cases) it(each.name, () => each.run());
  });
}
