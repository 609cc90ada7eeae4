import { existsSync } from "node:fs";
import { WebSocketApplication } from "@vernal/websocket";
import { chatOptions } from "./application";

if (existsSync(".env")) process.loadEnvFile();

const port = process.env["PORT"] ?? "8080";
if (/^\d+$/.test(port)) {
  void WebSocketApplication.run(chatOptions({ port: Number(port) }));
} else {
  console.error(`PORT is "${port}". Set it to a number, such as 8080, or remove it.`);
  process.exitCode = 1;
}
