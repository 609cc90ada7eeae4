import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { listening } from "../peers/behaviour";

const rooms = new Map<string, Set<WebSocket>>();
const host = createServer();
const server = new WebSocketServer({ server: host });

server.on("connection", (socket, request) => {
  const room = request.url!.slice("/ws/rooms/".length);
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(socket));
  socket.on("error", console.error);
  socket.on("close", () => members.delete(socket));
  socket.on("message", (data, isBinary) => {
    for (const member of members) if (member !== socket) member.send(data, { binary: isBinary });
  });
});

host.listen(Number(process.env["PORT"]), () => listening((host.address() as AddressInfo).port));
