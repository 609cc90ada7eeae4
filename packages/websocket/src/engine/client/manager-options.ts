import type {
  SendQueueOptions,
  WebSocketConnectionManagerOptions,
} from "../../websocket-connection-manager-options";
import {
  checkNames,
  checkRanges,
  checkShapes,
  FUNCTION,
  isObject,
  namesOf,
  oneOf,
  type Range,
  type Shape,
} from "../connection/option-shapes";
import { checkPlaces, HANDSHAKE_RANGES, HANDSHAKE_SHAPES } from "./client-options";
import type { Backoff } from "./reconnect";
import type { QueueBounds } from "./send-queue";

const LONGEST_MS = 86_400_000;
const ONE_GIB = 1024 * 1024 * 1024;

const RANGES = {
  ...HANDSHAKE_RANGES,
  initialDelayMs: [1, LONGEST_MS],
  maxDelayMs: [1, LONGEST_MS],
  stableAfterMs: [0, LONGEST_MS],
  maxAttempts: [1, 1_000_000_000],
} as const satisfies Readonly<Record<string, Range>>;

// Each option has to be in one of the tables: the compiler sees to it.
const SHAPES: Readonly<Record<Exclude<keyof WebSocketConnectionManagerOptions, keyof typeof RANGES>, Shape>> =
  {
    ...HANDSHAKE_SHAPES,
    headers: {
      fits: (value) => isObject(value) || FUNCTION.fits(value),
      expected: "an object of names and values, or a function that returns one",
    },
    queue: { fits: isObject, expected: "an object; it may be empty" },
    shouldReconnect: FUNCTION,
    connected: FUNCTION,
    disconnected: FUNCTION,
  };

const QUEUE_RANGES = {
  maxMessages: [1, 1_000_000],
  maxBytes: [1, ONE_GIB],
} as const satisfies Readonly<Record<string, Range>>;
const QUEUE_SHAPES: Readonly<Record<Exclude<keyof SendQueueOptions, keyof typeof QUEUE_RANGES>, Shape>> = {
  overflow: oneOf("refuse", "drop"),
};

/** @throws VernalError for the first option that there is not, or that cannot be. */
export function checkManagerOptions(options: WebSocketConnectionManagerOptions): void {
  const where = "WebSocketConnectionManager";
  const queue = isObject(options.queue) ? options.queue! : {};
  const queueOf = `the queue of ${where}`;
  const names = namesOf(SHAPES, RANGES);
  const [problem] = [
    ...checkPlaces(where, options, names),
    ...checkNames(where, options, "WebSocketConnectionManagerOptions", names),
    ...checkNames(queueOf, queue, "SendQueueOptions", namesOf(QUEUE_SHAPES, QUEUE_RANGES)),
    ...checkShapes(where, options, SHAPES),
    ...checkRanges(where, options, RANGES),
    ...checkRanges(queueOf, queue, QUEUE_RANGES),
    ...checkShapes(queueOf, queue, QUEUE_SHAPES),
  ];
  if (problem !== undefined) throw problem;
}

export function backoffOf(options: WebSocketConnectionManagerOptions): Backoff {
  const { initialDelayMs = 1000, maxDelayMs = 30_000, maxAttempts = Infinity } = options;
  return { initialDelayMs, maxDelayMs, maxAttempts };
}

export function queueBoundsOf(options: WebSocketConnectionManagerOptions): QueueBounds | undefined {
  if (options.queue === undefined) return undefined;
  const { maxMessages = 1000, maxBytes = 1024 * 1024, overflow = "refuse" } = options.queue;
  return { maxMessages, maxBytes, overflow };
}
