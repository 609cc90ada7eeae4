import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { habit, handle, listening, lookUp } from "../server";

const server = new WebSocketServer({ port: 0, path: "/ws" });

// eslint-disable-next-line @typescript-eslint/no-misused-promises -- it is what people write
server.on("connection", async (socket) => {
  socket.on("error", () => {});
  if (habit === "opening") await lookUp();
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- it is what people write
  socket.on("message", (data: Buffer) => handle(data.toString(), true, (text) => socket.send(text)));
});
server.on("listening", () => listening((server.address() as AddressInfo).port));
