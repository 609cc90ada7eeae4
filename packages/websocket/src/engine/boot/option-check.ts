import { constants } from "node:os";
import { optionOutOfRange, type VernalError } from "../../errors";

/** The least and the most that a whole number may be. */
export type Range = readonly [least: number, most: number];

const LONGEST_MS = 3_600_000;
const RANGES: Readonly<Record<string, Range>> = {
  port: [0, 65_535],
  handshakeTimeoutMs: [1, LONGEST_MS],
  headersTimeoutMs: [1, LONGEST_MS],
  drainTimeoutMs: [0, LONGEST_MS],
  retryAfterSeconds: [0, LONGEST_MS],
};
/** No process can listen for these. */
const DEAF_TO: readonly unknown[] = ["SIGKILL", "SIGSTOP"];

/** What is wrong with the options that only an application has. */
export function checkApplicationOptions(options: object): VernalError[] {
  const problems = checkRanges("the application", options, RANGES);
  const { host, signals = [] } = options as { readonly host?: unknown; readonly signals?: unknown };
  if (host !== undefined && typeof host !== "string") {
    problems.push(optionOutOfRange("the application", "host", host, "a name or an address"));
  }
  const list: readonly unknown[] = Array.isArray(signals) ? signals : [signals];
  for (const each of list) {
    if (Object.hasOwn(constants.signals, String(each)) && !DEAF_TO.includes(each)) continue;
    problems.push(
      optionOutOfRange("the application", "signals", each, `names of signals, such as ["SIGTERM", "SIGINT"]`),
    );
  }
  return problems;
}

/** The numbers among `options` that are not in their ranges. */
export function checkRanges(
  where: string,
  options: object,
  ranges: Readonly<Record<string, Range>>,
): VernalError[] {
  return Object.entries(ranges).flatMap(([name, [least, most]]) => {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (
      value === undefined ||
      (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
    ) {
      return [];
    }
    return optionOutOfRange(where, name, value, `a whole number from ${least} to ${most}`);
  });
}
