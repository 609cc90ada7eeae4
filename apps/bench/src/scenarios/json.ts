import { CPU_PER_MESSAGE, type Scenario } from "./scenario";
import { measureTraffic } from "./traffic";

const CONNECTIONS = 64;

/** An event with data is routed by its name and answered with an event. */
export const json: readonly Scenario[] = [1, 16].map((inFlight) => ({
  name: `json-${inFlight}`,
  title: `JSON routed and answered, ${inFlight === 1 ? "one at a time" : `${inFlight} in flight`}`,
  metrics: [CPU_PER_MESSAGE],
  baseline: "ws-json",
  peers: ["vernal", "ws-json", "nest", "socket.io", "fastify", "crossws"],
  measure: (peer, settings) =>
    measureTraffic(
      {
        behaviour: "json",
        kind: "echo",
        connections: CONNECTIONS,
        inFlight,
        content: { kind: "json", bytes: 0 },
      },
      peer,
      settings,
    ),
}));
