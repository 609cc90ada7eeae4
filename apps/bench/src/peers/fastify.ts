import type { AddressInfo } from "node:net";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import type { WebSocket } from "ws";
import { behaviour, DEFLATE, listening, type Routed } from "./behaviour";

const application = Fastify({ logger: false });
const routes = new Map([["move", (data: unknown): Routed => ({ event: "moved", data })]]);

function onConnection(socket: WebSocket): void {
  socket.on("error", () => {});
  switch (behaviour) {
    case "echo":
      socket.on("message", (data, binary) => socket.send(data, { binary }));
      break;
    case "json":
      socket.on("message", (message: Buffer) => {
        const { event, data } = JSON.parse(message.toString()) as Routed;
        const answer = routes.get(event)?.(data);
        if (answer !== undefined) socket.send(JSON.stringify(answer));
      });
      break;
    default:
      socket.on("message", (data, binary) => {
        for (const client of application.websocketServer.clients) client.send(data, { binary });
      });
  }
}

async function serve(): Promise<void> {
  await application.register(websocket, {
    options: { perMessageDeflate: behaviour === "compressed" ? DEFLATE : false },
  });
  application.get("/ws", { websocket: true }, onConnection);
  await application.listen({ port: 0 });
  listening((application.server.address() as AddressInfo).port);
}

void serve();
