import { setTimeout as wait } from "node:timers/promises";
import type { Content } from "../load/dialect";
import type { Task } from "../load/task";
import type { Behaviour } from "../peers/behaviour";
import type { Peer } from "../peers/catalogue";
import { Clients } from "../processes/clients";
import type { Usage } from "../processes/questions";
import { Server } from "../processes/server";
import type { Measurement, Settings } from "./scenario";

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
      await clients.count(1);
      await wait(settings.warmUpSeconds * 1000);
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
