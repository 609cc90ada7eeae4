import { constants } from "node:os";
import { invalidTrustedProxy, misplacedOption, type VernalError } from "../../errors";
import type { ConnectionOptions } from "../../options";
import type { ApplicationOptions, WebSocketApplicationOptions } from "../../websocket-application-options";
import type { WebSocketHandlerOptions } from "../../websocket-handler";
import { LIMIT_OPTIONS } from "../connection/limits";
import {
  ANYTHING,
  checkNames,
  checkRanges,
  checkShapes,
  FUNCTION,
  isObject,
  isText,
  LIST,
  LOGGER,
  namesIn,
  namesOf,
  oneOf,
  TEXTS,
  valueOf,
  type Range,
  type Shape,
} from "../connection/option-shapes";
import { compileTrustedProxies } from "../handshake/client-address";

const APPLICATION = "the application";
const LONGEST_MS = 3_600_000;
const APPLICATION_RANGES = {
  handshakeTimeoutMs: [1, LONGEST_MS],
  drainTimeoutMs: [0, LONGEST_MS],
  drainJitterMs: [0, LONGEST_MS],
  drainBatchSize: [1, 1_000_000],
  retryAfterSeconds: [0, LONGEST_MS],
} as const satisfies Readonly<Record<string, Range>>;

// Each option has to be in one of these tables: the compiler sees to it.
const APPLICATION_SHAPES: Readonly<
  Record<Exclude<keyof ApplicationOptions, keyof ConnectionOptions | keyof typeof APPLICATION_RANGES>, Shape>
> = {
  scan: TEXTS,
  components: LIST,
  providers: LIST,
  overrides: LIST,
  container: { fits: isContainer, expected: "a container of tsyringe" },
  trustedProxies: TEXTS,
  decorators: LIST,
  mapError: FUNCTION,
  logger: LOGGER,
};

const SERVER_RANGES = {
  port: [0, 65_535],
  headersTimeoutMs: [1, LONGEST_MS],
} as const satisfies Readonly<Record<string, Range>>;

const SERVER_SHAPES: Readonly<
  Record<
    Exclude<keyof WebSocketApplicationOptions, keyof ApplicationOptions | keyof typeof SERVER_RANGES>,
    Shape
  >
> = {
  host: { fits: isText, expected: "a name or an address" },
  tls: { fits: isObject, expected: "what https.createServer takes" },
  requestListener: FUNCTION,
  plainRequests: oneOf("426", "listener"),
  signals: {
    fits: (value) => Array.isArray(value) && value.every(canBeHeard),
    expected: `a list of signals that a process can listen for, such as ["SIGTERM", "SIGINT"]`,
  },
};

const HANDLER_SHAPES: Readonly<
  Record<Exclude<keyof WebSocketHandlerOptions, keyof ConnectionOptions>, Shape>
> = {
  allowedOrigins: LIST,
  allowedOriginPatterns: LIST,
  subProtocols: TEXTS,
  interceptors: LIST,
  // What it is can be seen when it is made.
  handshakeHandler: ANYTHING,
  decorators: LIST,
  mapError: FUNCTION,
  scope: oneOf("application", "connection"),
};

const APPLICATION_NAMES = namesOf(APPLICATION_SHAPES, APPLICATION_RANGES);
const SERVER_NAMES = namesOf(SERVER_SHAPES, SERVER_RANGES);
const HANDLER_NAMES = namesOf(HANDLER_SHAPES);

/** What is wrong with the options of an application that has a server of its own. */
export function checkServerOptions(options: object): VernalError[] {
  return [
    ...checkOptions(options, "WebSocketApplicationOptions", [...APPLICATION_NAMES, ...SERVER_NAMES]),
    ...checkShapes(APPLICATION, options, SERVER_SHAPES),
    ...checkRanges(APPLICATION, options, SERVER_RANGES),
  ];
}

/** What is wrong with the options of an application on the server of a host. */
export function checkAttachedOptions(options: object): VernalError[] {
  const misplaced = namesIn(options).filter((name) => SERVER_NAMES.includes(name));
  return [
    ...misplaced.map((name) => misplacedOption(APPLICATION, name, "the server, which is the host's here")),
    ...checkOptions(options, "AttachedApplicationOptions", APPLICATION_NAMES, misplaced),
  ];
}

/** What is wrong with the options that every application has, but for its limits and for what is `reported`. */
function checkOptions(
  options: object,
  type: string,
  names: readonly string[],
  reported: readonly string[] = [],
): VernalError[] {
  const all = [...LIMIT_OPTIONS, ...names];
  const misplaced = namesIn(options).filter((name) => !all.includes(name) && HANDLER_NAMES.includes(name));
  const home = "each handler: give it to its decorator or to setOptions";
  return [
    ...misplaced.map((name) => misplacedOption(APPLICATION, name, home)),
    ...checkNames(APPLICATION, without(options, [...misplaced, ...reported]), type, all),
    ...checkShapes(APPLICATION, options, APPLICATION_SHAPES),
    ...checkRanges(APPLICATION, options, APPLICATION_RANGES),
    ...checkTrustedProxies(valueOf(options, "trustedProxies")),
  ];
}

function checkTrustedProxies(value: unknown): VernalError[] {
  if (!TEXTS.fits(value)) return [];
  return compileTrustedProxies(value as readonly string[]).invalid.map(invalidTrustedProxy);
}

/** What is wrong with the options of a handler, but for its limits. */
export function checkHandlerOptions(where: string, options: object): VernalError[] {
  const names = [...LIMIT_OPTIONS, ...HANDLER_NAMES];
  return [
    ...checkNames(where, options, "WebSocketHandlerOptions", names),
    ...checkShapes(where, options, HANDLER_SHAPES),
  ];
}

/** The list that an option holds; an empty one in place of what is reported as no list. */
export function asList<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** The container that an option holds, unless it is reported as none. */
export function asContainer<T>(value: T | undefined): T | undefined {
  return isContainer(value) ? value : undefined;
}

/** The logger that an option holds, and nothing in place of what is reported as none. */
export function asLogger<T>(value: T | undefined): T | undefined {
  return LOGGER.fits(value) ? value : undefined;
}

function isContainer(value: unknown): boolean {
  return isObject(value) && typeof (value as Record<string, unknown>)["createChildContainer"] === "function";
}

function canBeHeard(signal: unknown): boolean {
  return Object.hasOwn(constants.signals, String(signal)) && signal !== "SIGKILL" && signal !== "SIGSTOP";
}

function without(options: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}
