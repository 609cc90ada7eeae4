import type { Behaviour } from "../peers/behaviour";
import type { Peer } from "../peers/catalogue";
import { Child } from "./child";
import type { Listening, Memory, Usage } from "./questions";

const SERVER_CORE = 0;

export interface ServerOptions {
  readonly pin: boolean;
  /** Let `memory` collect garbage first. */
  readonly exposeGc?: boolean;
}

/** A peer in a process of its own. */
export class Server {
  readonly port: number;
  /** What it used until it listened. */
  readonly start: Usage;
  readonly #child: Child;

  static async listen(
    peer: Peer,
    behaviour: Behaviour,
    { pin, exposeGc = false }: ServerOptions,
  ): Promise<Server> {
    const child = new Child(`peers/${peer.module}`, {
      args: [behaviour],
      flags: exposeGc ? ["--expose-gc"] : [],
      core: pin ? SERVER_CORE : undefined,
    });
    return new Server(child, (await child.ready) as Listening);
  }

  private constructor(child: Child, { port, usage }: Listening) {
    this.#child = child;
    this.port = port;
    this.start = usage;
  }

  usage(): Promise<Usage> {
    return this.#child.ask("usage");
  }

  memory(): Promise<Memory> {
    return this.#child.ask("memory");
  }

  end(): Promise<void> {
    return this.#child.end();
  }
}
