import type { VernalError } from "../../errors";
import {
  DEFAULT_LIMITS,
  LIMIT_RANGES,
  SWITCHABLE_LIMITS,
  type ConnectionLimits,
  type ConnectionOptions,
  type NumberOption,
} from "../../options";
import { checkRanges, checkShapes, namesOf, oneOf, type Shape } from "./option-shapes";

/** The names of those that bound one connection. */
export const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as readonly (keyof ConnectionLimits)[];
const HIGHEST_RATE = 1_000_000;

const LIMIT_SHAPES: Readonly<Record<Exclude<keyof ConnectionOptions, NumberOption>, Shape>> = {
  messageRate: {
    fits: (value) => value === false || isMessageRate(value),
    expected: `{ perSecond, burst } with perSecond above 0, burst at least 1 and both up to ${HIGHEST_RATE}, or false`,
  },
  overflowStrategy: oneOf("terminate", "drop"),
  perMessageDeflate: { fits: (value) => typeof value === "boolean", expected: "true or false" },
};

/** The names of all limits, those that count sessions included. */
export const LIMIT_OPTIONS = namesOf(LIMIT_RANGES, LIMIT_SHAPES);

/** What is wrong with the limits that an application or a handler sets. */
export function checkLimits(where: string, options: ConnectionOptions): VernalError[] {
  return [
    ...checkRanges(where, options, LIMIT_RANGES, SWITCHABLE_LIMITS),
    ...checkShapes(where, options, LIMIT_SHAPES),
  ];
}

/** What holds for one handler: its own values, else those of the application, else the defaults. */
export function resolveLimits(application: ConnectionOptions, handler: ConnectionOptions): ConnectionLimits {
  const limits = LIMIT_NAMES.map((name) => [
    name,
    handler[name] ?? application[name] ?? DEFAULT_LIMITS[name],
  ]);
  return Object.freeze(Object.fromEntries(limits) as ConnectionLimits);
}

function isMessageRate(value: unknown): boolean {
  const { perSecond, burst } = (value ?? {}) as { perSecond?: unknown; burst?: unknown };
  if (typeof perSecond !== "number" || typeof burst !== "number") return false;
  return perSecond > 0 && perSecond <= HIGHEST_RATE && burst >= 1 && burst <= HIGHEST_RATE;
}
