import type { Behaviour } from "../peers/behaviour";
import type { Metric, Scenario } from "./scenario";
import { measureTraffic } from "./traffic";

const PEERS = ["vernal", "ws", "nest", "socket.io", "fastify", "crossws"];
const CPU_PER_DELIVERY: Metric = { name: "cpu", title: "server CPU per delivered message", unit: "µs" };

/** One connection sends, all of them receive. */
export const broadcast: readonly Scenario[] = [500, 2000].flatMap((recipients) =>
  [1, 4, 16].map((inFlight) => ({
    name: `broadcast-${recipients}-${inFlight}`,
    title: `Broadcast of 128 bytes to ${recipients}, ${inFlight === 1 ? "one at a time" : `${inFlight} in flight`}`,
    ...measured("broadcast", recipients, inFlight, 128),
  })),
);

/** The same with permessage-deflate: what may be compressed once, or for each. */
export const compressed: readonly Scenario[] = [512, 2048].map((bytes) => ({
  name: `compressed-${bytes}`,
  title: `Compressed broadcast of ${bytes} bytes to 500, one at a time`,
  ...measured("compressed", 500, 1, bytes),
}));

function measured(
  behaviour: Behaviour,
  connections: number,
  inFlight: number,
  bytes: number,
): Pick<Scenario, "metrics" | "baseline" | "peers" | "measure"> {
  const content = { kind: "text", bytes } as const;
  return {
    metrics: [CPU_PER_DELIVERY],
    baseline: "ws",
    peers: PEERS,
    measure: (peer, settings) =>
      measureTraffic({ behaviour, kind: "broadcast", connections, inFlight, content }, peer, settings),
  };
}
