import type { WebSocketHandler } from "../../websocket-handler";

const CALLBACKS: readonly (keyof WebSocketHandler)[] = [
  "afterConnectionEstablished",
  "handleMessage",
  "handleTransportError",
  "afterConnectionClosed",
];

/** The callbacks that something lacks to be a handler. */
export function missingCallbacks(value: unknown): readonly string[] {
  const given = value as Readonly<Record<string, unknown>> | null | undefined;
  return CALLBACKS.filter((callback) => typeof given?.[callback] !== "function");
}
