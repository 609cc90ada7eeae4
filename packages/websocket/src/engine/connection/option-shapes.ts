import { foreignOption, optionOutOfRange, unknownOption, type VernalError } from "../../errors";
import { COUNTERPARTS } from "./foreign-options";
import { nearestName } from "./nearest-name";

/** The least and the most that a whole number may be. */
export type Range = readonly [least: number, most: number];

/** What a value has to look like where the compiler was not asked. */
export interface Shape {
  readonly fits: (value: unknown) => boolean;
  readonly expected: string;
}

const NONE: ReadonlySet<string> = new Set();

export const isText = (value: unknown): boolean => typeof value === "string";
export const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
export const LIST: Shape = { fits: Array.isArray, expected: "a list, in square brackets" };
/** What is looked at elsewhere, or may be anything. */
export const ANYTHING: Shape = { fits: () => true, expected: "anything" };
export const LOGGER: Shape = {
  fits: (value) => isObject(value) && typeof (value as Record<string, unknown>)["child"] === "function",
  expected: "a logger of pino",
};
export const FUNCTION: Shape = { fits: (value) => typeof value === "function", expected: "a function" };
export const TEXTS: Shape = {
  fits: (value) => Array.isArray(value) && value.every(isText),
  expected: "a list of texts, in square brackets",
};

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

/**
 * What stands among `options` and is none of them.
 *
 * @param type the interface that has the `names`.
 */
export function checkNames(
  where: string,
  options: object,
  type: string,
  names: readonly string[],
): VernalError[] {
  return namesIn(options)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const counterpart = COUNTERPARTS.get(name);
      return counterpart === undefined
        ? unknownOption(where, name, type, nearestName(name, names))
        : foreignOption(where, name, counterpart);
    });
}

/** The names of the options in tables of them. */
export function namesOf(...tables: readonly object[]): readonly string[] {
  return tables.flatMap((table) => Object.keys(table));
}

/** An option that is `undefined` is not given. */
export function namesIn(options: object): string[] {
  return Object.keys(options).filter((name) => valueOf(options, name) !== undefined);
}

/** What an option holds, where the compiler was not asked. */
export function valueOf(options: object, name: string): unknown {
  return (options as Readonly<Record<string, unknown>>)[name];
}

export function oneOf(...values: readonly string[]): Shape {
  const expected = values.map((value) => JSON.stringify(value)).join(" or ");
  return { fits: (value) => values.includes(value as string), expected };
}
