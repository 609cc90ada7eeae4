import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { habit, handle, listening, lookUp } from "../server";

async function serve(socket: WebSocket): Promise<void> {
  socket.on("error", () => {});
  if (habit === "opening") await lookUp();
  socket.on("message", (data: Buffer) => void handle(data.toString(), true, (text) => socket.send(text)));
}

const server = new WebSocketServer({ port: 0, path: "/ws" });

server.on("connection", (socket) => void serve(socket));
server.on("listening", () => listening((server.address() as AddressInfo).port));
