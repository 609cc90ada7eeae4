import { neverSettles, type FindingCase } from "./contract-errors";
import { noTestRunner } from "./errors";
import { withLimit } from "./limit";

/** One case of a contract suite: it is kept when `run` settles, broken when it rejects. */
export interface ContractCase {
  /** What is promised, as the name of a test. */
  readonly name: string;
  /**
   * Makes what it needs, and gives it back, each within the `timeoutMs` of the suite.
   *
   * @throws VernalError `VERNAL_TEST_CONTRACT_BROKEN`, which says what was found; `VERNAL_TEST_INVALID_ARGUMENT` where the
   * suite was given too little to find anything, or a handshake that nobody can ask for; or what the functions threw that
   * it was given, such as `create`.
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
 * registerContract("RedisRelay", broadcastRelayContract({ create: () => new RedisRelay(url) }));
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

/** Calls what the author of a subject has written; what takes too long is a finding. */
export function askWithin<T>(
  timeoutMs: number,
  of: FindingCase,
  call: string,
  ask: () => T | Promise<T>,
): Promise<T> {
  return withLimit((async () => await ask())(), timeoutMs, () => neverSettles(of, call, timeoutMs));
}

/** Makes what a case is about. One that comes too late is given back all the same. */
export async function makeWithin<T>(
  timeoutMs: number,
  of: FindingCase,
  create: () => T | Promise<T>,
  giveBack: (made: T) => void | Promise<void>,
): Promise<T> {
  const making = (async () => await create())();
  try {
    return await askWithin(timeoutMs, of, "create()", () => making);
  } catch (error) {
    making.then(giveBack).catch(() => {});
    throw error;
  }
}

/** What `check` found is thrown, whatever comes of giving back. */
export async function checkAndGiveBack(
  check: () => Promise<void>,
  giveBack: () => Promise<void>,
): Promise<void> {
  const [checked] = await Promise.allSettled([check()]);
  const [givenBack] = await Promise.allSettled([giveBack()]);
  for (const result of [checked, givenBack]) if (result.status === "rejected") throw result.reason;
}
