import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { behaviour, DEFLATE, listening } from "./behaviour";

const server = new WebSocketServer({
  port: 0,
  path: "/ws",
  perMessageDeflate: behaviour === "compressed" ? DEFLATE : false,
});

server.on("connection", (socket) => {
  socket.on("error", () => {});
  if (behaviour === "echo") {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  } else {
    socket.on("message", (data, binary) => {
      for (const client of server.clients) client.send(data, { binary });
    });
  }
});
server.on("listening", () => listening((server.address() as AddressInfo).port));
