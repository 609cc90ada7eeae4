import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";

/** Where a connection goes, and where it comes from. */
export interface SocketPath {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** `undefined`: as the system chooses. */
  readonly localAddress: string | undefined;
}

/** Opens a connection of TCP or TLS, whoever signed the certificate; the signal ends it where that takes too long. */
export function openSocket(path: SocketPath, signal: AbortSignal): Promise<Duplex> {
  const { host, port, localAddress, isSecure } = path;
  const socket = connectTcp({ port, host, localAddress, signal });
  if (!isSecure) return connected(socket, "connect");
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connected(connectTls({ socket, rejectUnauthorized: false, ...name }), "secureConnect");
}

function connected(socket: Duplex, event: "connect" | "secureConnect"): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(event, () => {
      socket.removeListener("error", reject);
      // Whoever uses it listens too; until then a reset must not end the process.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}
