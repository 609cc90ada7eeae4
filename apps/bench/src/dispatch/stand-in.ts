import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A socket without a kernel: it takes every write at once, as a socket does whose peer reads, and never ends. */
export class StandIn extends Duplex {
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort = 50_000;
  bytesWritten = 0;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytesWritten += chunk.length;
    done();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.bytesWritten += chunk.length;
    done();
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
}

/** The request of a handshake, as the HTTP server of Node would have parsed it. */
export function upgradeRequest(): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = "GET";
  request.url = "/ws";
  request.httpVersion = "1.1";
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.headers = {
    host: "127.0.0.1",
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  request.rawHeaders = Object.entries(request.headers).flat() as string[];
  return request;
}
