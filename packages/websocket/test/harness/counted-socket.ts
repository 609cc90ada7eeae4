import { IncomingMessage, type Server } from "node:http";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { SAMPLE_KEY } from "./raw-connection";

/** A socket without a kernel, that keeps what would be one system call each. It takes every write at once. */
export class CountedSocket extends Duplex {
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort = 50_000;
  /** The buffers of each write. */
  readonly writes: Buffer[][] = [];

  /** One whose handshake is behind it, and not counted. */
  static upgraded(server: Server, headers: Readonly<Record<string, string>> = {}): CountedSocket {
    const socket = new CountedSocket();
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
      "sec-websocket-key": SAMPLE_KEY,
      ...headers,
    };
    request.rawHeaders = Object.entries(request.headers).flat() as string[];
    server.emit("upgrade", request, socket, Buffer.alloc(0));
    socket.writes.length = 0;
    return socket;
  }

  /** Comes as one read. */
  arrive(chunk: Buffer): void {
    this.push(chunk);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    this.writes.push([chunk]);
    written();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], written: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk));
    written();
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }
}
