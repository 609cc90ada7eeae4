import type { Dialect } from "../load/dialect";

/** A server to be measured; `src/peers/<module>.ts` is what runs. */
export interface Peer {
  readonly name: string;
  readonly module: string;
  readonly dialect: Dialect;
  /** The packages whose versions belong to a figure. */
  readonly packages: readonly string[];
  /** The packages through which it comes by ws, each found from the one before; `undefined` where ws is a part of it. */
  readonly wsThrough: readonly string[] | undefined;
}

export const peers: readonly Peer[] = [
  plain("vernal", ["@vernal/websocket"], ["@vernal/websocket"]),
  plain("ws", [], []),
  plain("ws-json", [], []),
  plain(
    "nest",
    ["@nestjs/core", "@nestjs/websockets", "@nestjs/platform-ws", "@nestjs/platform-express"],
    ["@nestjs/platform-ws"],
  ),
  {
    name: "socket.io",
    module: "socket-io",
    dialect: "socket.io",
    packages: ["socket.io"],
    wsThrough: ["socket.io", "engine.io"],
  },
  plain("fastify", ["fastify", "@fastify/websocket"], ["@fastify/websocket"]),
  plain("crossws", ["crossws"], undefined),
];

export function peerNamed(name: string): Peer {
  return peers.find((peer) => peer.name === name)!;
}

function plain(name: string, packages: readonly string[], wsThrough: readonly string[] | undefined): Peer {
  return { name, module: name, dialect: "plain", packages, wsThrough };
}
