import { setTimeout as wait } from "node:timers/promises";
import type { Content } from "../load/dialect";
import type { Task } from "../load/task";
import type { Behaviour } from "../peers/behaviour";
import type { Peer } from "../peers/catalogue";
import { Clients } from "../processes/clients";
import type { Usage } from "../processes/questions";
import { Server } from "../processes/server";
import type { Measurement, Settings } from "./scenario";

const WARM_UP_MESSAGES = 20_000;
/** A handshake goes through more code, and less often: the first thousands cost three times as much as the others. */
const WARM_UP_VISITS = 8000;

export interface Traffic {
  readonly behaviour: Behaviour;
  readonly kind: Task["kind"];
  readonly connections: number;
  readonly inFlight: number;
  readonly content: Content;
}

/** Lets clients talk to a peer, and says what a message of theirs cost it. */
export async function measureTraffic(
  { behaviour, connections: wanted, ...traffic }: Traffic,
  peer: Peer,
  settings: Settings,
): Promise<Measurement> {
  const connections = Math.min(wanted, settings.maxConnections);
  const deflate = behaviour === "compressed";
  const server = await Server.listen(peer, behaviour, settings);
  try {
    const task: Task = { ...traffic, connections, deflate, port: server.port, dialect: peer.dialect };
    const clients = await Clients.prepare(task, settings);
    try {
      await clients.open();
      await clients.start();
      await warmUp(traffic.kind, clients, settings);
      const measurement = await measureInterval(server, clients, settings);
      const { compressedPart, ...rest } = measurement;
      return { connections, ...rest, ...(deflate ? { compressedPart } : {}) };
    } finally {
      await clients.end();
    }
  } finally {
    await server.end();
  }
}

/** Both: on a busy machine a second is over before the code is compiled. */
async function warmUp(kind: Task["kind"], clients: Clients, { warmUpSeconds }: Settings): Promise<void> {
  const messages = kind === "visits" ? WARM_UP_VISITS : WARM_UP_MESSAGES;
  await Promise.all([wait(warmUpSeconds * 1000), clients.count(warmUpSeconds === 0 ? 1 : messages)]);
}

async function measureInterval(server: Server, clients: Clients, settings: Settings): Promise<Measurement> {
  // In the same order both times, so that what a question takes cancels out.
  const loadBefore = await clients.mark();
  const serverBefore = await server.usage();
  if (settings.messages === undefined) await wait(settings.seconds * 1000);
  else await clients.count(settings.messages);
  const loadAfter = await clients.mark();
  const serverAfter = await server.usage();

  const messages = loadAfter.messages - loadBefore.messages;
  if (messages === 0) throw new Error("No message came in the measured interval");
  return {
    figures: { cpu: (serverAfter.cpuMicroseconds - serverBefore.cpuMicroseconds) / messages },
    messages,
    seconds: (serverAfter.atMicroseconds - serverBefore.atMicroseconds) / 1e6,
    serverBusy: busy(serverBefore, serverAfter),
    loadBusy: busy(loadBefore.usage, loadAfter.usage),
    compressedPart: (loadAfter.compressed - loadBefore.compressed) / messages,
  };
}

/** Of one core. */
function busy(before: Usage, after: Usage): number {
  return (after.cpuMicroseconds - before.cpuMicroseconds) / (after.atMicroseconds - before.atMicroseconds);
}
