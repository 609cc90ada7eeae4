import type { WebSocketClientOptions } from "../../websocket-client-options";
import { checkLimits } from "../connection/limits";
import {
  checkRanges,
  checkShapes,
  FUNCTION,
  isObject,
  isText,
  TEXTS,
  type Range,
  type Shape,
} from "../connection/option-shapes";

/** The ranges of what a client says in its handshake. */
export const HANDSHAKE_RANGES: Readonly<Record<string, Range>> = { connectTimeoutMs: [1, 3_600_000] };

/** The shapes of the rest. */
export const HANDSHAKE_SHAPES: Readonly<Record<string, Shape>> = {
  headers: { fits: isObject, expected: "an object of names and values" },
  subProtocols: TEXTS,
  origin: { fits: isText, expected: `a text such as "https://chat.example.com"` },
  tls: { fits: isObject, expected: "what tls.connect takes" },
};

/** @throws VernalError for the first option that cannot be. */
export function checkClientOptions(options: WebSocketClientOptions): void {
  const where = "WebSocketClient";
  const [problem] = [
    ...checkLimits(where, options),
    ...checkShapes(where, options, { ...HANDSHAKE_SHAPES, mapError: FUNCTION }),
    ...checkRanges(where, options, HANDSHAKE_RANGES),
  ];
  if (problem !== undefined) throw problem;
}
