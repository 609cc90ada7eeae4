import { WebSocketApplication } from "@vernal/websocket";
import { applicationOptions } from "./application";

void WebSocketApplication.run(applicationOptions({ port: Number(process.env["PORT"] ?? 8080) }));
