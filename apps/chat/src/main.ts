import { WebSocketApplication } from "@vernal/websocket";
import { chatOptions } from "./application";

void WebSocketApplication.run(chatOptions({ port: Number(process.env["PORT"] ?? 8080) }));
