import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { listening, type Routed } from "./behaviour";

const routes = new Map([["move", (data: unknown): Routed => ({ event: "moved", data })]]);
const server = new WebSocketServer({ port: 0, path: "/ws" });

server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (message: Buffer) => {
    const { event, data } = JSON.parse(message.toString()) as Routed;
    const answer = routes.get(event)?.(data);
    if (answer !== undefined) socket.send(JSON.stringify(answer));
  });
});
server.on("listening", () => listening((server.address() as AddressInfo).port));
