import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Neighbours } from "./neighbours";
import type { UnansweredRequests } from "./unanswered-requests";

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The server beneath an application: its own, or that of a host. */
export interface ApplicationServer {
  readonly server: Server;
  readonly unanswered: UnansweredRequests;
  readonly neighbours: Neighbours;
  readonly port: number;
  /** Such as `ws://localhost:8080`. */
  readonly url: string;
  /** From now on upgrades come in. */
  open(onUpgrade: UpgradeHandler): Promise<void>;
  /** The sessions have ended; afterwards no upgrade comes in any more. */
  end(): Promise<void>;
}

export function webSocketUrl(isEncrypted: boolean, host: string | undefined, port: number): string {
  return `${isEncrypted ? "wss" : "ws"}://${hostInUrl(host)}:${port}`;
}

function hostInUrl(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
