import {
  type TextMessage,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketBroadcaster,
  WebSocketHandler,
  type WebSocketSession,
} from "@vernal/websocket";
import { behaviour, listening, type Behaviour, type Routed } from "./behaviour";

@WebSocketHandler("/ws")
class EchoHandler extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message);
  }
}

@WebSocketHandler("/ws")
class JsonHandler extends TextWebSocketHandler {
  readonly #routes = new Map([["move", (data: unknown): Routed => ({ event: "moved", data })]]);

  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    const { event, data } = JSON.parse(message.payload) as Routed;
    const answer = this.#routes.get(event)?.(data);
    if (answer !== undefined) void session.sendMessage(JSON.stringify(answer));
  }
}

@WebSocketHandler("/ws")
class BroadcastHandler extends TextWebSocketHandler {
  constructor(private readonly broadcaster: WebSocketBroadcaster) {
    super();
  }

  override handleTextMessage(_: WebSocketSession, message: TextMessage): void {
    this.broadcaster.toAll().send(message);
  }
}

const handlers: Record<Behaviour, new (...args: never[]) => TextWebSocketHandler> = {
  echo: EchoHandler,
  json: JsonHandler,
  broadcast: BroadcastHandler,
  compressed: BroadcastHandler,
};

void WebSocketApplication.run({
  port: 0,
  components: [handlers[behaviour]],
  perMessageDeflate: behaviour === "compressed",
}).then(({ port }) => listening(port));
