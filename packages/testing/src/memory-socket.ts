import { Duplex } from "node:stream";
import { MemoryLane, type Written } from "./memory-lane";
import { setImmediate } from "./real-timers";

/** What a socket holds of what its owner has not read: as much as Node reads at once. */
const BUFFER_BYTES = 65_536;

/** The addresses of one end, as a socket of TCP names them. */
export interface MemoryAddresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/**
 * One end of a connection in memory. It does what TCP does: nothing arrives in the turn in which it was sent, whoever does
 * not read makes the other side wait, what was written before an end arrives before it, and after a reset nothing does. Of an
 * end that has gone the first write does not know.
 */
export class MemorySocket extends Duplex implements MemoryAddresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** What this end reads. */
  readonly #input = new MemoryLane(this);
  #other!: MemorySocket;
  #finishedBytes = 0;
  #isReset = false;
  /** Whether a write has found the other end gone. */
  #isRefused = false;

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

  /** Cuts the connection so that the other side sees ECONNRESET; what is on its way there is lost. */
  resetAndDestroy(): this {
    if (this.destroyed) return this;
    this.#isReset = true;
    return this.destroy();
  }

  override _read(): void {
    this.#input.read();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: Written): void {
    // A copy, because the writer may use its bytes again, and who reads unmasks them where they are.
    this.#send(Buffer.from(chunk), written);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], written: Written): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), written);
  }

  override _final(done: Written): void {
    this.#other.#input.end();
    setImmediate(done);
  }

  override _destroy(error: Error | null, done: Written): void {
    const other = this.#other;
    const output = other.#input;
    output.abandon(error);
    if (this.#isReset) {
      output.lose();
      setImmediate(() => other.destroy(connectionError("read ECONNRESET", "ECONNRESET")));
    } else {
      output.end();
      // A turn after what is on its way there: its write can never end.
      const fail = (): void => this.#input.abandon(connectionError("write ECONNRESET", "ECONNRESET"));
      setImmediate(() => setImmediate(fail));
    }
    done(error);
  }

  #send(bytes: Buffer, written: Written): void {
    const settle: Written = (error) => {
      if (!error && !this.destroyed) this.#finishedBytes += bytes.length;
      written(error);
    };
    if (!this.#other.destroyed) return this.#other.#input.write(bytes, settle);
    // The first is taken: only what comes back to it says that nobody is there.
    const error = this.#isRefused ? connectionError("write EPIPE", "EPIPE") : null;
    this.#isRefused = true;
    setImmediate(() => settle(error));
  }
}

interface Address {
  readonly address: string;
  readonly port: number;
}

function connectionError(text: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(text), { code });
}
