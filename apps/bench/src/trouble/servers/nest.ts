import "reflect-metadata";
import type { AddressInfo } from "node:net";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { WsAdapter } from "@nestjs/platform-ws";
import {
  ConnectedSocket,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
} from "@nestjs/websockets";
import type { WebSocket } from "ws";
import { habit, handle, listening, lookUp } from "../server";

@WebSocketGateway({ path: "/ws" })
class TroubleGateway implements OnGatewayConnection<WebSocket> {
  readonly #opened = new WeakSet<WebSocket>();

  async handleConnection(socket: WebSocket): Promise<void> {
    if (habit === "opening") await lookUp();
    this.#opened.add(socket);
  }

  @SubscribeMessage("message")
  onMessage(@ConnectedSocket() socket: WebSocket, @MessageBody() data: string): Promise<void> {
    return handle(data, this.#opened.has(socket), (text) => socket.send(text));
  }
}

@Module({ providers: [TroubleGateway] })
class TroubleModule {}

void NestFactory.create(TroubleModule, { logger: false }).then(async (application) => {
  // Frames as they are, without JSON around them, as the other servers send them.
  const messageParser = (data: unknown): { event: string; data: unknown } => ({
    event: "message",
    data: String(data),
  });
  application.useWebSocketAdapter(new WsAdapter(application, { messageParser }));
  await application.listen(0);
  const server = application.getHttpServer() as { address(): AddressInfo };
  listening(server.address().port);
});
