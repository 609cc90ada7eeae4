import { createServer } from "node:http";
import {
  type TextMessage,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketHandler,
  type WebSocketSession,
} from "@vernal/websocket";
import { fed } from "./feeding";
import { StandIn, upgradeRequest } from "./stand-in";

const CONNECTIONS = 64;

@WebSocketHandler("/ws")
class EchoHandler extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message);
  }
}

async function main(): Promise<void> {
  const server = createServer();
  await WebSocketApplication.attach(server, { components: [EchoHandler] });
  const sockets = Array.from({ length: CONNECTIONS }, () => new StandIn());
  for (const socket of sockets) server.emit("upgrade", upgradeRequest(), socket, Buffer.alloc(0));
  fed(sockets);
}

void main();
