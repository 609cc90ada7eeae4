import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as TlsServer } from "node:tls";
import type { Logger } from "pino";
import { notListening } from "../../errors";
import { webSocketUrl, type ApplicationServer, type UpgradeHandler } from "./application-server";
import { endsUpgradesOfOthers } from "./engine-io";
import { HostNeighbours } from "./neighbours";
import { reportEndedByOthers } from "./ended-by-others";
import { UnansweredRequests } from "./unanswered-requests";

type Listener = (...args: never[]) => unknown;

/** A server that somebody else owns, with applications and listeners of its own. */
export class AttachedServer implements ApplicationServer {
  readonly server: Server;
  readonly unanswered = new UnansweredRequests();
  readonly neighbours: HostNeighbours;
  readonly #logger: Logger;
  #onUpgrade: UpgradeHandler | undefined;

  constructor(server: Server, logger: Logger) {
    this.server = server;
    this.neighbours = new HostNeighbours(server);
    this.#logger = logger;
  }

  get port(): number {
    return this.#address.port;
  }

  get url(): string {
    const { address, port } = this.#address;
    return webSocketUrl(this.server instanceof TlsServer, address, port);
  }

  open(onUpgrade: UpgradeHandler): Promise<void> {
    this.#onUpgrade = reportEndedByOthers(onUpgrade, this.neighbours, this.#logger);
    for (const listener of this.server.listeners("upgrade")) this.#meet("upgrade", listener as Listener);
    // Others may come later: Nest makes its gateways when it starts to listen.
    this.server.on("newListener", this.#meet);
    // First: whoever throws keeps a request from the listeners behind it.
    this.server.prependListener("request", this.unanswered.observe);
    this.server.on("upgrade", this.#onUpgrade);
    return Promise.resolve();
  }

  /** What is held stays: the answers before it are the host's. */
  end(): Promise<void> {
    this.neighbours.forget();
    this.server.removeListener("newListener", this.#meet);
    this.server.removeListener("request", this.unanswered.observe);
    this.server.removeListener("upgrade", this.#onUpgrade!);
    return Promise.resolve();
  }

  get #address(): AddressInfo {
    const address = this.server.address();
    if (address === null || typeof address === "string") throw notListening(address);
    return address;
  }

  readonly #meet = (event: string | symbol, listener: Listener): void => {
    if (event !== "upgrade" || !endsUpgradesOfOthers(listener)) return;
    this.#logger.warn(
      "socket.io on this server ends every handshake that is not its own and takes longer than a second: " +
        "give it the option destroyUpgrade: false",
    );
  };
}
