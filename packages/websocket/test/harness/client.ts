import { once } from "node:events";
import { WebSocket, type ClientOptions } from "ws";
import { until, within } from "./until";

/** A WebSocket client that keeps what it gets. */
export class Client {
  readonly ws: WebSocket;
  /** Text as strings, bytes as Buffers, in their order. */
  readonly received: (string | Buffer)[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #read = 0;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on("message", (data: Buffer, isBinary) => this.received.push(isBinary ? data : data.toString()));
    ws.on("error", () => {});
    this.closed = new Promise((resolve) => {
      ws.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Rejects where the server refuses. */
  static async connect(
    url: string,
    options: ClientOptions & { readonly protocols?: string[] } = {},
  ): Promise<Client> {
    const client = new Client(new WebSocket(url, options.protocols ?? [], options));
    await within(`a connection to ${url}`, once(client.ws, "open"));
    return client;
  }

  send(data: string | Buffer): void {
    this.ws.send(data);
  }

  /** The next message that was not asked for yet. */
  async next(): Promise<string | Buffer> {
    await until("a message", () => this.received.length > this.#read);
    this.#read += 1;
    return this.received[this.#read - 1]!;
  }

  /** Closes and waits for the end. */
  async close(code?: number, reason?: string): Promise<void> {
    this.ws.close(code, reason);
    await within("the close", this.closed);
  }
}
