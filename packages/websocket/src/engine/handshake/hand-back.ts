import { ServerResponse, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

const OF_THE_UPGRADE = ["upgrade", "http2-settings"];

/**
 * Gives an upgrade that is none of ours back to the server as the ordinary request that it also is: a server may
 * ignore an `Upgrade` (RFC 9110 section 7.8). The connection begins anew with the same bytes, less the upgrade, so the
 * body and what follows on it are read as always.
 */
export function handBack(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (hasItsBody(request)) return answerAsItIs(server, request, socket);
  socket.unshift(Buffer.concat([Buffer.from(requestHead(request), "latin1"), head]));
  const encrypted = (socket as { encrypted?: boolean }).encrypted === true;
  server.emit(encrypted ? "secureConnection" : "connection", socket);
}

/** Whether Node reads the body for us, as it does from version 26 on, so that it cannot be read again. */
function hasItsBody(request: IncomingMessage): boolean {
  return !request.complete || request.readableLength > 0;
}

/** Hands over the request as it is; its connection ends with the answer. */
function answerAsItIs(server: Server, request: IncomingMessage, socket: Duplex): void {
  const { headers } = request;
  for (const name of OF_THE_UPGRADE) delete headers[name];
  headers.connection = withoutUpgrade(headers.connection ?? "");
  if (headers.connection === "") delete headers.connection;
  // What body parsers take for a request whose body is gone.
  (request as { upgrade?: boolean }).upgrade = false;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on("finish", () => socket.end());
  socket.on("error", destroy);
  server.emit("request", request, response);
}

function destroy(this: Duplex): void {
  this.destroy();
}

function requestHead(request: IncomingMessage): string {
  let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    let value = rawHeaders[index + 1]!;
    if (OF_THE_UPGRADE.includes(name.toLowerCase())) continue;
    if (name.toLowerCase() === "connection") value = withoutUpgrade(value);
    if (value !== "" || name.toLowerCase() !== "connection") text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(",").map((option) => option.trim());
  return options.filter((option) => !OF_THE_UPGRADE.includes(option.toLowerCase())).join(", ");
}
