import { CPU_PER_MESSAGE, type Scenario } from "./scenario";
import { measureTraffic } from "./traffic";

const CONNECTIONS = 64;
const SIZES = [16, 128, 4096];
const IN_FLIGHT = [1, 16];

/** Text comes back as it was sent. */
export const echo: readonly Scenario[] = SIZES.flatMap((bytes) =>
  IN_FLIGHT.map((inFlight) => ({
    name: `echo-${bytes}-${inFlight}`,
    title: `Echo of ${bytes} bytes, ${inFlight === 1 ? "one at a time" : `${inFlight} in flight`}`,
    metrics: [CPU_PER_MESSAGE],
    baseline: "ws",
    peers: ["vernal", "ws", "nest", "socket.io", "fastify", "crossws"],
    measure: (peer, settings) =>
      measureTraffic(
        {
          behaviour: "echo",
          kind: "echo",
          connections: CONNECTIONS,
          inFlight,
          content: { kind: "text", bytes },
        },
        peer,
        settings,
      ),
  })),
);
