import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { Module, type INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { WsAdapter } from "@nestjs/platform-ws";
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from "@nestjs/websockets";
import type { WebSocket, WebSocketServer as Server } from "ws";
import { behaviour, DEFLATE, listening, type Behaviour, type Routed } from "./behaviour";

@WebSocketGateway({ path: "/ws" })
class EchoGateway {
  @SubscribeMessage("message")
  onMessage(@ConnectedSocket() socket: WebSocket, @MessageBody() data: string): void {
    socket.send(data);
  }
}

@WebSocketGateway({ path: "/ws" })
class JsonGateway {
  @SubscribeMessage("move")
  onMove(@MessageBody() data: unknown): Routed {
    return { event: "moved", data };
  }
}

@WebSocketGateway({ path: "/ws", perMessageDeflate: behaviour === "compressed" ? DEFLATE : false })
class BroadcastGateway {
  @WebSocketServer()
  private readonly server!: Server;

  @SubscribeMessage("message")
  onMessage(@MessageBody() data: string): void {
    for (const client of this.server.clients) client.send(data);
  }
}

const gateways: Record<Behaviour, new () => object> = {
  echo: EchoGateway,
  json: JsonGateway,
  broadcast: BroadcastGateway,
  compressed: BroadcastGateway,
};

@Module({ providers: [gateways[behaviour]] })
class BenchModule {}

void NestFactory.create(BenchModule, { logger: false }).then(async (application) => {
  application.useWebSocketAdapter(adapterFor(application));
  await application.listen(0);
  const server = application.getHttpServer() as { address(): AddressInfo };
  listening(server.address().port);
});

/** Frames as they are, without JSON around them, as the other servers send them; JSON in its own format. */
function adapterFor(application: INestApplication): WsAdapter {
  if (behaviour === "json") return new WsAdapter(application);
  return new WsAdapter(application, { messageParser: (data) => ({ event: "message", data }) });
}
