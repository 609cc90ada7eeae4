import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { behaviour, DEFLATE, listening } from "./behaviour";

const host = createServer();
const server = new Server(host, {
  path: "/ws",
  transports: ["websocket"],
  serveClient: false,
  perMessageDeflate: behaviour === "compressed" ? DEFLATE : false,
});

server.on("connection", (socket) => {
  switch (behaviour) {
    case "echo":
      socket.on("m", (data) => socket.emit("m", data));
      break;
    case "json":
      socket.on("move", (data) => socket.emit("moved", data));
      break;
    default:
      socket.on("m", (data) => server.emit("m", data));
  }
});
host.listen(0, () => listening((host.address() as AddressInfo).port));
