import type { WebSocketApplication } from "@vernal/websocket";
import { pino } from "pino";
import { startChat } from "../src/application";

/** The chat without its log, with a history that ends with it unless it gets a file. */
export function startSilentChat({ port = 0, database = ":memory:" } = {}): Promise<WebSocketApplication> {
  process.env["CHAT_DATABASE"] = database;
  return startChat({ port, logger: pino({ level: "silent" }) });
}
