import { WebSocketServer } from "ws";
import { fed } from "./feeding";
import { StandIn, upgradeRequest } from "./stand-in";

const CONNECTIONS = 64;

const server = new WebSocketServer({ noServer: true });
const sockets = Array.from({ length: CONNECTIONS }, () => new StandIn());
for (const socket of sockets) {
  server.handleUpgrade(upgradeRequest(), socket, Buffer.alloc(0), (accepted) => {
    accepted.on("message", (data, binary) => accepted.send(data, { binary }));
  });
}
fed(sockets);
