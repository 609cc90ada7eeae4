import { existsSync } from "node:fs";
import { WebSocketApplication } from "@vernal/websocket";
import { chatOptions } from "./application";

if (existsSync(".env")) process.loadEnvFile();

void WebSocketApplication.run(chatOptions({ port: Number(process.env["PORT"] ?? 8080) }));
