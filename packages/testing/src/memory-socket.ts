import { Duplex } from "node:stream";
import { setImmediate } from "./real-timers";

/** What a socket holds of what its owner has not read, before the other side has to wait: as much as Node reads at once. */
const BUFFER_BYTES = 65_536;

/** The addresses of one end, as a socket of TCP names them. */
export interface MemoryAddresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

type Done = (error?: Error | null) => void;

/**
 * One end of a connection in memory. It does what TCP does: nothing arrives in the turn in which it was sent, whoever does
 * not read makes the other side wait, an end and a reset are seen by the other side.
 */
export class MemorySocket extends Duplex implements MemoryAddresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  #other!: MemorySocket;
  #finishedBytes = 0;
  /** A write of the other side that waits until this one reads. */
  #whenRead: Done | undefined;

  /** A client's end and the server's. */
  static pair(clientAddress: string, clientPort: number): [client: MemorySocket, server: MemorySocket] {
    const server = { address: "127.0.0.1", port: 80 };
    const client = { address: clientAddress, port: clientPort };
    // As Node sets it: a client ends with its server, a server decides.
    const ends = [new MemorySocket(client, server, false), new MemorySocket(server, client, true)] as const;
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return [...ends];
  }

  private constructor(local: Address, remote: Address, allowHalfOpen: boolean) {
    super({ allowHalfOpen, readableHighWaterMark: BUFFER_BYTES });
    this.localAddress = local.address;
    this.localPort = local.port;
    this.remoteAddress = remote.address;
    this.remotePort = remote.port;
  }

  /** As of `net.Socket`: with what still waits to be written. */
  get bytesWritten(): number {
    return this.#finishedBytes + this.writableLength;
  }

  /** Cuts the connection so that the other side sees ECONNRESET. */
  resetAndDestroy(): this {
    const other = this.#other;
    setImmediate(() => other.destroy(connectionError("read ECONNRESET", "ECONNRESET")));
    return this.destroy();
  }

  override _read(): void {
    const done = this.#whenRead;
    this.#whenRead = undefined;
    done?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Done): void {
    this.#send(chunk, callback);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], callback: Done): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: Done): void {
    setImmediate(() => {
      this.#other.#endOfInput();
      callback();
    });
  }

  override _destroy(error: Error | null, callback: Done): void {
    const other = this.#other;
    this.#whenRead?.(connectionError("write EPIPE", "EPIPE"));
    this.#whenRead = undefined;
    setImmediate(() => other.#endOfInput());
    callback(error);
  }

  #send(bytes: Buffer, callback: Done): void {
    const done: Done = (error) => {
      if (!error) this.#finishedBytes += bytes.length;
      callback(error);
    };
    setImmediate(() => this.#other.#take(bytes, done));
  }

  #take(bytes: Buffer, done: Done): void {
    if (this.destroyed) return done(connectionError("write EPIPE", "EPIPE"));
    if (this.readableEnded || this.push(bytes)) done();
    else this.#whenRead = done;
  }

  #endOfInput(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }
}

interface Address {
  readonly address: string;
  readonly port: number;
}

function connectionError(text: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(text), { code });
}
