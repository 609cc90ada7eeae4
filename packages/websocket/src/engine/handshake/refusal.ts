import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal } from "../../handshake";

/** How long a client may take to read a refusal, whatever it sends in the meantime. */
const READ_TIMEOUT_MS = 5000;

/**
 * Answers an upgrade with a whole HTTP response and ends the connection.
 *
 * @param method the request's; the answer to HEAD has no body.
 */
export function writeRefusal(socket: Duplex, refusal: Refusal, method: string | undefined): void {
  if (socket.destroyed) return;
  const { status, body, headers } = refusal;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    "Upgrade" in headers ? "Connection: Upgrade, close" : "Connection: close",
    `Date: ${new Date().toUTCString()}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  if (body !== "") {
    const typed = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
    if (!typed) lines.push("Content-Type: text/plain; charset=utf-8");
    lines.push("X-Content-Type-Options: nosniff");
  }
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  const timer = setTimeout(() => socket.destroy(), READ_TIMEOUT_MS).unref();
  socket.once("finish", () => socket.destroy());
  socket.once("close", () => clearTimeout(timer));
  // What the client still sends is read and dropped: unread bytes would turn the end into a reset.
  socket.resume();
  socket.end(`${lines.join("\r\n")}\r\n\r\n${method === "HEAD" ? "" : body}`);
}
