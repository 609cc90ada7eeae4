import { constants } from "node:os";
import { invalidTrustedProxy, optionOutOfRange, type VernalError } from "../../errors";
import { compileTrustedProxies } from "../handshake/client-address";

/** The least and the most that a whole number may be. */
export type Range = readonly [least: number, most: number];

/** What a value has to look like where the compiler was not asked. */
export interface Shape {
  readonly fits: (value: unknown) => boolean;
  readonly expected: string;
}

const NONE: ReadonlySet<string> = new Set();
const LONGEST_MS = 3_600_000;
const APPLICATION_RANGES: Readonly<Record<string, Range>> = {
  port: [0, 65_535],
  handshakeTimeoutMs: [1, LONGEST_MS],
  headersTimeoutMs: [1, LONGEST_MS],
  drainTimeoutMs: [0, LONGEST_MS],
  drainJitterMs: [0, LONGEST_MS],
  drainBatchSize: [1, 1_000_000],
  retryAfterSeconds: [0, LONGEST_MS],
};

const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const LIST: Shape = { fits: Array.isArray, expected: "a list, in square brackets" };
const FUNCTION: Shape = { fits: (value) => typeof value === "function", expected: "a function" };
const TEXTS: Shape = {
  fits: (value) => Array.isArray(value) && value.every(isText),
  expected: "a list of texts, in square brackets",
};

const APPLICATION_SHAPES: Readonly<Record<string, Shape>> = {
  scan: TEXTS,
  components: LIST,
  providers: LIST,
  overrides: LIST,
  container: { fits: isContainer, expected: "a container of tsyringe" },
  host: { fits: isText, expected: "a name or an address" },
  tls: { fits: isObject, expected: "what https.createServer takes" },
  requestListener: FUNCTION,
  plainRequests: oneOf("426", "listener"),
  trustedProxies: TEXTS,
  decorators: LIST,
  mapError: FUNCTION,
  signals: {
    fits: (value) => Array.isArray(value) && value.every(canBeHeard),
    expected: `a list of signals that a process can listen for, such as ["SIGTERM", "SIGINT"]`,
  },
};

const HANDLER_SHAPES: Readonly<Record<string, Shape>> = {
  allowedOrigins: LIST,
  allowedOriginPatterns: LIST,
  subProtocols: TEXTS,
  interceptors: LIST,
  decorators: LIST,
  mapError: FUNCTION,
  scope: oneOf("application", "connection"),
};

/** What is wrong with the options that only an application has. */
export function checkApplicationOptions(options: object): VernalError[] {
  const where = "the application";
  return [
    ...checkShapes(where, options, APPLICATION_SHAPES),
    ...checkRanges(where, options, APPLICATION_RANGES),
    ...checkTrustedProxies(valueOf(options, "trustedProxies")),
  ];
}

function checkTrustedProxies(value: unknown): VernalError[] {
  if (!TEXTS.fits(value)) return [];
  return compileTrustedProxies(value as readonly string[]).invalid.map(invalidTrustedProxy);
}

/** What is wrong with the forms of the options that only a handler has. */
export function checkHandlerOptions(where: string, options: object): VernalError[] {
  return checkShapes(where, options, HANDLER_SHAPES);
}

/**
 * The numbers among `options` that are not in their ranges.
 *
 * @param switchable the names that `false` switches off.
 */
export function checkRanges(
  where: string,
  options: object,
  ranges: Readonly<Record<string, Range>>,
  switchable: ReadonlySet<string> = NONE,
): VernalError[] {
  return Object.entries(ranges).flatMap(([name, [least, most]]) => {
    const value = valueOf(options, name);
    const canBeOff = switchable.has(name);
    if (value === undefined || (value === false && canBeOff)) return [];
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return [];
    const range = `a whole number from ${least} to ${most}`;
    return optionOutOfRange(where, name, value, canBeOff ? `${range}, or false` : range);
  });
}

/** The list that an option holds; an empty one in place of what is reported as no list. */
export function asList<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** The container that an option holds, unless it is reported as none. */
export function asContainer<T>(value: T | undefined): T | undefined {
  return isContainer(value) ? value : undefined;
}

/** The values among `options` that do not look as they have to. */
export function checkShapes(
  where: string,
  options: object,
  shapes: Readonly<Record<string, Shape>>,
): VernalError[] {
  return Object.entries(shapes).flatMap(([name, { fits, expected }]) => {
    const value = valueOf(options, name);
    return value === undefined || fits(value) ? [] : optionOutOfRange(where, name, value, expected);
  });
}

function valueOf(options: object, name: string): unknown {
  return (options as Readonly<Record<string, unknown>>)[name];
}

function isContainer(value: unknown): boolean {
  return isObject(value) && typeof (value as Record<string, unknown>)["createChildContainer"] === "function";
}

function canBeHeard(signal: unknown): boolean {
  return Object.hasOwn(constants.signals, String(signal)) && signal !== "SIGKILL" && signal !== "SIGSTOP";
}

export function oneOf(...values: readonly string[]): Shape {
  const expected = values.map((value) => JSON.stringify(value)).join(" or ");
  return { fits: (value) => values.includes(value as string), expected };
}
