import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Hooks } from "crossws";
import crossws from "crossws/adapters/node";
import { behaviour, DEFLATE, listening, type Behaviour, type Routed } from "./behaviour";

const TOPIC = "all";
const routes = new Map([["move", (data: unknown): Routed => ({ event: "moved", data })]]);

const broadcast: Partial<Hooks> = {
  open: (peer) => peer.subscribe(TOPIC),
  message: (peer, message) => {
    const text = message.text();
    // A peer's own publish leaves itself out.
    peer.publish(TOPIC, text);
    peer.send(text);
  },
};

const hooks: Record<Behaviour, Partial<Hooks>> = {
  echo: { message: (peer, message) => void peer.send(message.text()) },
  json: {
    message: (peer, message) => {
      const { event, data } = message.json<Routed>();
      const answer = routes.get(event)?.(data);
      if (answer !== undefined) peer.send(JSON.stringify(answer));
    },
  },
  broadcast,
  compressed: broadcast,
};

const adapter = crossws({
  hooks: hooks[behaviour],
  serverOptions: { perMessageDeflate: behaviour === "compressed" ? DEFLATE : false },
});
const server = createServer();
server.on("upgrade", (request, socket, head) => void adapter.handleUpgrade(request, socket, head));
server.listen(0, () => listening((server.address() as AddressInfo).port));
