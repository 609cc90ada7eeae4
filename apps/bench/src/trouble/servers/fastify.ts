import type { AddressInfo } from "node:net";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { habit, handle, listening, lookUp } from "../server";

async function serve(): Promise<void> {
  const application = Fastify({ logger: false });
  await application.register(websocket);
  application.get("/ws", { websocket: true }, (socket) => {
    // Not awaited: what came before there is a listener would be lost, says the documentation, and shows this.
    const found = habit === "opening" ? lookUp() : Promise.resolve();
    socket.on("message", (data: Buffer) => {
      void found.then(() => handle(data.toString(), true, (text) => socket.send(text)));
    });
  });
  await application.listen({ port: 0 });
  listening((application.server.address() as AddressInfo).port);
}

void serve();
