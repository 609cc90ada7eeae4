import { once } from "node:events";
import { connect } from "node:net";

/** A connection on which every byte is our own. */
export class RawPeer {
  socket;
  ended;

  constructor(port) {
    this.socket = connect({ port, host: "127.0.0.1" });
    this.socket.on("error", () => {});
    this.ended = new Promise((resolve) => this.socket.once("close", resolve));
  }

  static async open(port) {
    const peer = new RawPeer(port);
    await Promise.race([once(peer.socket, "connect"), peer.ended]);
    return peer;
  }

  static async upgrade(port, path) {
    const peer = await RawPeer.open(port);
    peer.socket.write(head(path));
    await Promise.race([once(peer.socket, "data"), peer.ended]);
    peer.socket.resume();
    return peer;
  }
}

export function head(path) {
  return [
    `GET ${path} HTTP/1.1`,
    "Host: localhost",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "\r\n",
  ].join("\r\n");
}

/** Masked with zeros, so that the payload stays as it is. */
export function frame(opcode, payload, { fin = true, length = Buffer.byteLength(payload) } = {}) {
  const first = (fin ? 0x80 : 0) | opcode;
  const size =
    length < 126
      ? Buffer.from([0x80 | length])
      : Buffer.from([0x80 | 127, 0, 0, 0, 0, length >>> 24, length >>> 16, length >>> 8, length]);
  return Buffer.concat([Buffer.from([first]), size, Buffer.alloc(4), Buffer.from(payload)]);
}
