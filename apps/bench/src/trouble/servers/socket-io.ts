import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { habit, handle, listening, lookUp } from "../server";

const host = createServer();
const server = new Server(host, { path: "/ws" });

server.on("connection", async (socket) => {
  if (habit === "opening") await lookUp();
  socket.on("message", (data: string) => handle(data, true, (text) => void socket.send(text)));
});
host.listen(0, () => listening((host.address() as AddressInfo).port));
