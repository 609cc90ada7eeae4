import { Clients } from "../processes/clients";
import { Server } from "../processes/server";
import { openFileLimit } from "./open-files";
import type { Scenario } from "./scenario";

const CONNECTIONS = 10_000;
/** Opened before the first look, so that what is loaded and compiled once is not counted. */
const EARLIER = 200;
const OTHER_FILES = 100;
const KIB = 1024;

/** What a connection holds that says nothing. */
export const idle: Scenario = {
  name: "idle",
  title: "Memory of 10 000 idle connections",
  metrics: [
    { name: "rss", title: "resident memory per connection", unit: "KiB" },
    { name: "heap", title: "JavaScript heap per connection", unit: "KiB" },
  ],
  baseline: "ws",
  peers: ["vernal", "ws", "nest", "socket.io", "fastify", "crossws"],
  measure: async (peer, settings) => {
    const allowed = Math.min(settings.maxConnections, (await openFileLimit()) - EARLIER - OTHER_FILES);
    const connections = Math.min(CONNECTIONS, allowed);
    const server = await Server.listen(peer, "echo", { ...settings, exposeGc: true });
    try {
      const { port } = server;
      const { dialect } = peer;
      const clients = await Clients.prepare(
        {
          kind: "silence",
          port,
          dialect,
          deflate: false,
          connections,
          inFlight: 0,
          content: { kind: "text", bytes: 0 },
        },
        settings,
      );
      try {
        await clients.open(Math.min(EARLIER, connections));
        const before = await server.memory();
        await clients.open(connections);
        const after = await server.memory();
        return {
          figures: {
            rss: (after.rss - before.rss) / connections / KIB,
            heap: (after.heapUsed - before.heapUsed) / connections / KIB,
          },
          connections,
        };
      } finally {
        await clients.end();
      }
    } finally {
      await server.end();
    }
  },
};
