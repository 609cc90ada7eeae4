import { misplacedOption, type VernalError } from "../../errors";
import type { ConnectionOptions } from "../../options";
import type {
  ClientHandshakeOptions,
  ExecuteOptions,
  WebSocketClientOptions,
} from "../../websocket-client-options";
import { checkLimits, LIMIT_NAMES } from "../connection/limits";
import {
  checkNames,
  checkRanges,
  checkShapes,
  FUNCTION,
  isObject,
  isText,
  LOGGER,
  namesIn,
  namesOf,
  TEXTS,
  type Range,
  type Shape,
} from "../connection/option-shapes";

/** The ranges of what a client says in its handshake. */
export const HANDSHAKE_RANGES = { connectTimeoutMs: [1, 3_600_000] } as const satisfies Readonly<
  Record<string, Range>
>;

/** The shapes of the rest: the compiler sees to it that no option is in neither table. */
export const HANDSHAKE_SHAPES: Readonly<
  Record<Exclude<keyof ClientHandshakeOptions, keyof typeof HANDSHAKE_RANGES>, Shape>
> = {
  headers: { fits: isObject, expected: "an object of names and values" },
  subProtocols: TEXTS,
  origin: { fits: isText, expected: `a text such as "https://chat.example.com"` },
  tls: { fits: isObject, expected: "what tls.connect takes" },
};

const CLIENT_SHAPES: Readonly<
  Record<Exclude<keyof WebSocketClientOptions, keyof ConnectionOptions | "connectTimeoutMs">, Shape>
> = {
  ...HANDSHAKE_SHAPES,
  mapError: FUNCTION,
  logger: LOGGER,
};

const CLIENT_NAMES: readonly string[] = [...LIMIT_NAMES, ...namesOf(CLIENT_SHAPES, HANDSHAKE_RANGES)];

const EXECUTE_SHAPES: Readonly<Record<Exclude<keyof ExecuteOptions, "connectTimeoutMs">, Shape>> = {
  ...HANDSHAKE_SHAPES,
  signal: {
    fits: (value) => isObject(value) && "aborted" in (value as object),
    expected: "the signal of an AbortController",
  },
};

/** @throws VernalError for the first option of a client that there is not, or that cannot be. */
export function checkClientOptions(options: WebSocketClientOptions): void {
  const where = "WebSocketClient";
  const [problem] = [
    ...checkNames(where, options, "WebSocketClientOptions", CLIENT_NAMES),
    ...checkLimits(where, options),
    ...checkShapes(where, options, CLIENT_SHAPES),
    ...checkRanges(where, options, HANDSHAKE_RANGES),
  ];
  if (problem !== undefined) throw problem;
}

/** Options of a client that stand where the client is used. */
export function checkPlaces(where: string, options: object, names: readonly string[]): VernalError[] {
  const home = "the client: give it to new WebSocketClient";
  const misplaced = namesIn(options).filter((name) => !names.includes(name) && CLIENT_NAMES.includes(name));
  return misplaced.map((name) => misplacedOption(where, name, home));
}

/** @throws VernalError for the first option of one call that there is not, or that cannot be. */
export function checkExecuteOptions(options: ExecuteOptions): void {
  const where = "WebSocketClient.execute";
  const names = namesOf(EXECUTE_SHAPES, HANDSHAKE_RANGES);
  const [problem] = [
    ...checkPlaces(where, options, names),
    ...checkNames(where, options, "ExecuteOptions", names),
    ...checkShapes(where, options, EXECUTE_SHAPES),
    ...checkRanges(where, options, HANDSHAKE_RANGES),
  ];
  if (problem !== undefined) throw problem;
}
