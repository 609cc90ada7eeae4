import { existsSync } from "node:fs";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";
import { servePage } from "./page";

if (existsSync(".env")) process.loadEnvFile();

void WebSocketApplication.run({
  port: Number(process.env["PORT"] ?? 8080),
  // All addresses, if it is not set.
  host: process.env["HOST"],
  scan: [join(__dirname, "handlers")],
  requestListener: servePage(join(__dirname, "../../client/dist")),
});
