import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { TextWebSocketHandler, WebSocketHandler } from "../src/index";
import { attach, closeHosts, listen } from "./harness/attached";
import { liveBytes } from "./harness/memory";
import { upgradeRaw } from "./harness/raw-connection";
import { until } from "./harness/until";

@WebSocketHandler("/plain")
class PlainHandler extends TextWebSocketHandler {}

@WebSocketHandler("/asked", { interceptors: [{ beforeHandshake: () => Promise.resolve() }] })
class AskedHandler extends TextWebSocketHandler {}

afterEach(closeHosts);

it.each(["/plain", "/asked"])(
  "a session of %s holds no request, and no listener of its handshake",
  async (path) => {
    const server = createServer();
    const requests: WeakRef<IncomingMessage>[] = [];
    const sockets: Duplex[] = [];
    server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
      requests.push(new WeakRef(request));
      sockets.push(socket);
    });
    await attach(server, { components: [PlainHandler, AskedHandler], drainTimeoutMs: 500 });
    const port = await listen(server);
    for (let count = 0; count < 3; count += 1) await upgradeRaw(port, path);

    await until("the requests to be given back", () => {
      liveBytes();
      return requests.every((request) => request.deref() === undefined);
    });
    // One is of ws, and one of the session.
    expect(sockets.map((socket) => socket.listenerCount("error"))).toEqual([2, 2, 2]);
  },
);
