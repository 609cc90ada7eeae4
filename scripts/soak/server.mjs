import { setImmediate as turn } from "node:timers/promises";
import {
  Component,
  inject,
  refuse,
  TextWebSocketHandler,
  WebSocketApplication,
  WebSocketBroadcaster,
  WebSocketHandler,
} from "@vernal/websocket";

/** The server that is soaked, with the limits of one that anybody can reach. It tells its memory when asked. */
class Echo extends TextWebSocketHandler {
  handleTextMessage(session, message) {
    void session.sendMessage(message.payload);
  }
}
WebSocketHandler("/echo")(Echo);

class Room extends TextWebSocketHandler {
  #broadcaster;

  constructor(broadcaster) {
    super();
    this.#broadcaster = broadcaster;
  }

  afterConnectionEstablished(session) {
    session.join(session.pathVariables.room);
  }

  async handleTextMessage(session, message) {
    await turn();
    this.#broadcaster.toGroup(session.pathVariables.room).send(message);
  }
}
inject(WebSocketBroadcaster)(Room, undefined, 0);
WebSocketHandler("/rooms/{room}")(Room);

/** One instance for each connection, behind an interceptor, with a user, and compressed. */
class Diary extends TextWebSocketHandler {
  #entries = [];

  handleTextMessage(session, message) {
    this.#entries.push(message.payload);
    void session.sendMessage(message.payload);
  }

  async dispose() {
    await turn();
    this.#entries = [];
  }
}
WebSocketHandler("/diary", {
  scope: "connection",
  perMessageDeflate: true,
  interceptors: [
    {
      async beforeHandshake(request, attributes) {
        await turn();
        if (request.uri.searchParams.has("stranger")) return refuse(401);
        attributes.set("since", Date.now());
      },
    },
  ],
  handshakeHandler: { determineUser: async () => ({ name: `user ${Math.floor(Math.random() * 100)}` }) },
})(Diary);

/** Sends as fast as the peer takes it, and as long. */
class Firehose extends TextWebSocketHandler {
  async handleTextMessage(session) {
    const frame = Buffer.alloc(8192);
    while (await session.sendMessage(frame)) await turn();
  }
}
WebSocketHandler("/firehose")(Firehose);

Component()(Room);

const application = await WebSocketApplication.start({
  port: 0,
  components: [Echo, Room, Diary, Firehose],
  headersTimeoutMs: 4000,
  maxConnections: 400,
  maxConnectionsPerAddress: 400,
  maxConnectionsPerUser: 10,
  maxMessageBytes: 16 * 1024,
  maxFragments: 64,
  maxPendingMessages: 32,
  messageRate: { perSecond: 200, burst: 400 },
  sendBufferLimitBytes: 128 * 1024,
  sendTimeLimitMs: 3000,
  heartbeatIntervalMs: 4000,
  unfinishedMessageTimeoutMs: 3000,
  firstMessageTimeoutMs: 20_000,
  idleTimeoutMs: 60_000,
  closeTimeoutMs: 1000,
});

process.on("message", async (command) => {
  if (command === "close") {
    await application.close();
    process.disconnect();
    return;
  }
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send({ rss, heapUsed, external, stats: application.stats() });
});
process.send({ port: application.port });
