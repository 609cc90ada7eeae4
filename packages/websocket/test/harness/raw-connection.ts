import { once } from "node:events";
import { connect } from "node:net";
import { encodeRawFrame, RawConnection } from "@vernal/testing";
import { LIMIT_MS, within } from "./until";

/** For the units beside the source, which must not know the testing package. */
export { encodeRawFrame };

/** The key of RFC 6455 section 1.3, and what a server makes of it. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A connection to whoever listens at a port of this machine, on which a test says every byte itself. */
export async function openRaw(port: number, host = "127.0.0.1"): Promise<RawConnection> {
  // What is written in pieces comes in pieces, and not in clumps.
  const socket = connect({ port, host, noDelay: true });
  await within("a TCP connection", once(socket, "connect"));
  return new RawConnection(socket, { timeoutMs: LIMIT_MS });
}

/** Opens a connection and completes a handshake on it; `changes` as for `upgradeRequest`. */
export async function upgradeRaw(
  port: number,
  path: string,
  changes: readonly string[] = [],
): Promise<RawConnection> {
  const connection = await openRaw(port);
  connection.write(upgradeRequest(path, changes));
  const { status } = await connection.answer();
  if (status !== 101) throw new Error(`The server answered ${status}`);
  return connection;
}

/** Waits for the server's close frame, answers it as a client has to, and gives its payload. */
export async function answerClose(connection: RawConnection): Promise<Buffer> {
  let frame = await connection.nextFrame();
  while (frame.opcode !== 8) frame = await connection.nextFrame();
  // Past the check of `writeFrame`: a server that waits for no answer may have gone.
  connection.native.write(encodeRawFrame({ opcode: 8, payload: frame.payload }));
  return frame.payload;
}

/** Says that nothing more comes and waits for the end of the connection; gives what had not been read. */
export function leave(connection: RawConnection): Promise<Buffer> {
  connection.finish();
  return connection.ended();
}

/** A handshake that is in order, with more or other headers: `"Host: x"` replaces, `"-Host"` removes. */
export function upgradeRequest(path: string, changes: readonly string[] = [], method = "GET"): string {
  const headers = new Map<string, string[]>([
    ["host", ["Host: localhost"]],
    ["upgrade", ["Upgrade: websocket"]],
    ["connection", ["Connection: Upgrade"]],
    ["sec-websocket-key", [`Sec-WebSocket-Key: ${SAMPLE_KEY}`]],
    ["sec-websocket-version", ["Sec-WebSocket-Version: 13"]],
  ]);
  const replaced = new Set<string>();
  for (const change of changes) {
    if (change.startsWith("-")) {
      headers.delete(change.slice(1).toLowerCase());
      continue;
    }
    const name = change.slice(0, change.indexOf(":")).toLowerCase();
    headers.set(name, [...(replaced.has(name) ? headers.get(name)! : []), change]);
    replaced.add(name);
  }
  return `${method} ${path} HTTP/1.1\r\n${[...headers.values()].flat().join("\r\n")}\r\n\r\n`;
}
