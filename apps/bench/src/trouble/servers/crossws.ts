import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import crossws from "crossws/adapters/node";
import { habit, handle, listening, lookUp } from "../server";

const opened = new WeakSet<object>();
const adapter = crossws({
  hooks: {
    open: async (peer) => {
      if (habit === "opening") await lookUp();
      opened.add(peer);
    },
    message: (peer, message) => handle(message.text(), opened.has(peer), (text) => void peer.send(text)),
  },
});
const server = createServer();
server.on("upgrade", (request, socket, head) => void adapter.handleUpgrade(request, socket, head));
server.listen(0, () => listening((server.address() as AddressInfo).port));
