import type { AddressInfo } from "node:net";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { habit, handle, listening, lookUp } from "../server";

async function serve(): Promise<void> {
  const application = Fastify({ logger: false });
  await application.register(websocket);
  application.get("/ws", { websocket: true }, async (socket) => {
    if (habit === "opening") await lookUp();
    socket.on("message", (data: Buffer) => void handle(data.toString(), true, (text) => socket.send(text)));
  });
  await application.listen({ port: 0 });
  listening((application.server.address() as AddressInfo).port);
}

void serve();
