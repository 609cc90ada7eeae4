import { join } from "node:path";
import type { WebSocketApplicationOptions } from "@vernal/websocket";
import sirv from "sirv";
import { WebSocketConfig } from "./websocket-config";

/** What `@SpringBootApplication` finds by itself: the configuration, and the page in the static folder. */
export function applicationOptions(options: WebSocketApplicationOptions = {}): WebSocketApplicationOptions {
  return {
    components: [WebSocketConfig],
    requestListener: sirv(join(__dirname, "../public")),
    ...options,
  };
}
