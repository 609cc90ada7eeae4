import { existsSync } from "node:fs";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";

if (existsSync(".env")) process.loadEnvFile();

const port = process.env["PORT"] ?? "8080";
if (/^\d+$/.test(port)) {
  void WebSocketApplication.run({ port: Number(port), scan: [join(__dirname, "handlers")] });
} else {
  console.error(`PORT is "${port}". Set it to a number, such as 8080, or remove it.`);
  process.exitCode = 1;
}
