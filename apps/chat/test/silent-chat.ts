import type { WebSocketApplication, WebSocketApplicationOptions } from "@vernal/websocket";
import { pino } from "pino";
import { startChat } from "../src/application";

interface Options extends WebSocketApplicationOptions {
  readonly database?: string;
}

/** The chat without its log, on a free port, with a history that ends with it unless it gets a file. */
export function startSilentChat({
  database = ":memory:",
  ...options
}: Options = {}): Promise<WebSocketApplication> {
  process.env["CHAT_DATABASE"] = database;
  return startChat({ port: 0, logger: pino({ level: "silent" }), ...options });
}
