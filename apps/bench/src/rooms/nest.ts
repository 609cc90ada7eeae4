import "reflect-metadata";
import type { IncomingMessage } from "node:http";
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
  type OnGatewayDisconnect,
} from "@nestjs/websockets";
import type { WebSocket } from "ws";
import { listening } from "../peers/behaviour";

@WebSocketGateway({ path: "/ws" })
export class RoomGateway implements OnGatewayConnection<WebSocket>, OnGatewayDisconnect<WebSocket> {
  readonly #rooms = new Map<string, Set<WebSocket>>();

  handleConnection(client: WebSocket, request: IncomingMessage): void {
    // The adapter for ws has neither path variables nor rooms.
    const room = new URL(request.url!, "ws://host").searchParams.get("room")!;
    if (!this.#rooms.has(room)) this.#rooms.set(room, new Set());
    this.#rooms.get(room)!.add(client);
  }

  handleDisconnect(client: WebSocket): void {
    for (const members of this.#rooms.values()) members.delete(client);
  }

  @SubscribeMessage("say")
  say(@ConnectedSocket() client: WebSocket, @MessageBody() text: string): void {
    for (const members of this.#rooms.values()) {
      if (!members.has(client)) continue;
      for (const member of members) if (member !== client) member.send(text);
    }
  }
}

@Module({ providers: [RoomGateway] })
class RoomModule {}

void NestFactory.create(RoomModule, { logger: false }).then(async (application) => {
  application.useWebSocketAdapter(new WsAdapter(application));
  await application.listen(Number(process.env["PORT"]));
  listening((application.getHttpServer() as { address(): AddressInfo }).address().port);
});
