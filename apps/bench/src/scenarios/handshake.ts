import type { Scenario } from "./scenario";
import { measureTraffic } from "./traffic";

/** Connections that come and leave at once: TCP, the handshake, and the closing handshake. */
export const handshake: Scenario = {
  name: "handshake",
  title: "Handshakes: connect and leave again, 64 at a time",
  metrics: [{ name: "cpu", title: "server CPU per connection", unit: "µs" }],
  baseline: "ws",
  peers: ["vernal", "ws", "nest", "socket.io", "fastify", "crossws"],
  measure: (peer, settings) =>
    measureTraffic(
      {
        behaviour: "echo",
        kind: "visits",
        connections: 64,
        inFlight: 0,
        content: { kind: "text", bytes: 0 },
      },
      peer,
      settings,
    ),
};
