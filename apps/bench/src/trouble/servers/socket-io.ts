import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { habit, handle, listening, lookUp } from "../server";

const host = createServer();
const server = new Server(host, { path: "/ws" });

server.on("connection", async (socket) => {
  let isOpened = false;
  // The listener first, as the documentation shows it: what comes before there is one is lost.
  socket.on("message", (data: string) => handle(data, isOpened, (text) => void socket.send(text)));
  if (habit === "opening") await lookUp();
  isOpened = true;
});
host.listen(0, () => listening((host.address() as AddressInfo).port));
