import { constants } from "node:os";
import { invalidTrustedProxy, type VernalError } from "../../errors";
import {
  checkRanges,
  checkShapes,
  FUNCTION,
  isObject,
  isText,
  LIST,
  oneOf,
  TEXTS,
  valueOf,
  type Range,
  type Shape,
} from "../connection/option-shapes";
import { compileTrustedProxies } from "../handshake/client-address";

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

/** The list that an option holds; an empty one in place of what is reported as no list. */
export function asList<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** The container that an option holds, unless it is reported as none. */
export function asContainer<T>(value: T | undefined): T | undefined {
  return isContainer(value) ? value : undefined;
}

function isContainer(value: unknown): boolean {
  return isObject(value) && typeof (value as Record<string, unknown>)["createChildContainer"] === "function";
}

function canBeHeard(signal: unknown): boolean {
  return Object.hasOwn(constants.signals, String(signal)) && signal !== "SIGKILL" && signal !== "SIGSTOP";
}
