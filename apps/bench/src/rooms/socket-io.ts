import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { listening } from "../peers/behaviour";

const host = createServer();
const io = new Server(host, { cors: { origin: "https://chat.example.com" } });

io.on("connection", (socket) => {
  const room = String(socket.handshake.query["room"]);
  void socket.join(room);
  socket.on("say", (text: string) => socket.to(room).emit("say", text));
});

host.listen(Number(process.env["PORT"]), () => listening((host.address() as AddressInfo).port));
