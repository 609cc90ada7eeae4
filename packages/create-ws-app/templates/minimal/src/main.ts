import { existsSync } from "node:fs";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";

if (existsSync(".env")) process.loadEnvFile();

void WebSocketApplication.run({
  port: Number(process.env["PORT"] ?? 8080),
  scan: [join(__dirname, "handlers")],
});
