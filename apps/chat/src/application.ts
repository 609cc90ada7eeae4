import { join } from "node:path";
import { WebSocketApplication, type WebSocketApplicationOptions } from "@vernal/websocket";
import { MessageHistory } from "./message-history";
import { servePage } from "./page";
import { SqliteMessageHistory } from "./sqlite-message-history";

/** The whole chat: the handlers that are found in their folder, and the page. */
export function chatOptions(options: WebSocketApplicationOptions = {}): WebSocketApplicationOptions {
  return {
    scan: [join(__dirname, "handlers")],
    providers: [{ token: MessageHistory, useClass: SqliteMessageHistory }],
    requestListener: servePage(join(__dirname, "../public")),
    // More than anybody types, and enough for what waited on a page that was away.
    messageRate: { perSecond: 20, burst: 200 },
    ...options,
  };
}

/** Starts the chat inside another program, such as a test. */
export function startChat(options: WebSocketApplicationOptions = {}): Promise<WebSocketApplication> {
  return WebSocketApplication.start(chatOptions(options));
}
