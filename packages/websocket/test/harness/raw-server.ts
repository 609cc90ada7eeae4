import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { encodeRawFrame } from "@vernal/testing";
import { TLS } from "./tls";
import { until } from "./until";

export interface ClientFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** A frame as a server sends it. */
export function serverFrame(opcode: number, payload: string | Buffer): Buffer {
  return encodeRawFrame({ opcode, payload, masked: false });
}

/** A close frame of a server; without a code an empty one. */
export function closeFrame(code?: number, reason = ""): Buffer {
  if (code === undefined) return serverFrame(8, "");
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return serverFrame(8, Buffer.concat([payload, Buffer.from(reason)]));
}

/** One connection of a client, to which a test says every byte itself. */
export class RawPeer {
  readonly socket: Socket;
  #input = Buffer.alloc(0);
  #ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (data) => (this.#input = Buffer.concat([this.#input, data])));
    socket.on("error", () => {});
    socket.on("end", () => (this.#ended = true));
    socket.on("close", () => (this.#ended = true));
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** The head of the request, line by line. */
  async request(): Promise<readonly string[]> {
    await until("a request", () => this.#input.includes("\r\n\r\n"));
    const end = this.#input.indexOf("\r\n\r\n");
    const lines = this.#input.subarray(0, end).toString("latin1").split("\r\n");
    this.#input = this.#input.subarray(end + 4);
    return lines;
  }

  /** Reads the request and answers it with 101; `more` goes in the same write. */
  async accept(headers: readonly string[] = [], more: Buffer = Buffer.alloc(0)): Promise<readonly string[]> {
    const request = await this.request();
    const [, key = ""] = /^sec-websocket-key: (.*)$/im.exec(request.join("\n")) ?? [];
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const lines = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${accept}`,
      ...headers,
    ];
    this.socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), more]));
    return request;
  }

  /** Reads the request and answers it with something else. */
  async refuse(statusLine: string, headers: readonly string[] = []): Promise<void> {
    await this.request();
    const lines = [`HTTP/1.1 ${statusLine}`, "Content-Length: 0", ...headers];
    this.socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  /** The next frame of the client, unmasked. */
  async frame(): Promise<ClientFrame> {
    await until("a frame", () => parseFrame(this.#input) !== undefined || this.#ended);
    const parsed = parseFrame(this.#input);
    if (parsed === undefined) throw new Error("The connection ended without another frame");
    this.#input = this.#input.subarray(parsed.byteLength);
    return parsed;
  }

  /** Answers the client's close frame, ends as a server does, and gives the code. */
  async answerClose(): Promise<number> {
    let frame = await this.frame();
    while (frame.opcode !== 8) frame = await this.frame();
    this.socket.end(serverFrame(8, frame.payload));
    return frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0);
  }

  /** Closes as a server does: a close frame, the client's answer, the end. */
  async close(code?: number, reason?: string): Promise<void> {
    this.socket.write(closeFrame(code, reason));
    while ((await this.frame()).opcode !== 8);
    this.socket.end();
  }
}

const started: RawServer[] = [];

/** A server of TCP or TLS on localhost that does nothing by itself. */
export class RawServer {
  readonly peers: RawPeer[] = [];
  readonly #server: Server;
  readonly #scheme: "ws" | "wss";
  #next = 0;

  private constructor(server: Server, scheme: "ws" | "wss") {
    this.#server = server;
    this.#scheme = scheme;
    // A TLS connection begins twice, as TCP and as TLS.
    server.on(scheme === "ws" ? "connection" : "secureConnection", (socket: Socket) => {
      this.peers.push(new RawPeer(socket));
    });
  }

  static async start({ port = 0, tls = false } = {}): Promise<RawServer> {
    const server = tls ? createTlsServer(TLS) : createServer();
    server.on("tlsClientError", () => {});
    const raw = new RawServer(server, tls ? "wss" : "ws");
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    started.push(raw);
    return raw;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** The next connection that was not asked for yet. */
  async next(): Promise<RawPeer> {
    await until("a connection", () => this.peers.length > this.#next);
    this.#next += 1;
    return this.peers[this.#next - 1]!;
  }

  /** Cuts all connections and stops listening. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const { socket } of this.peers) socket.destroy();
    await once(this.#server, "close");
  }
}

export async function stopRawServers(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.stop()));
}

function parseFrame(input: Buffer): (ClientFrame & { readonly byteLength: number }) | undefined {
  if (input.length < 2) return undefined;
  const masked = (input[1]! & 0x80) !== 0;
  let length = input[1]! & 0x7f;
  let start = 2;
  if (length === 126) {
    if (input.length < 4) return undefined;
    length = input.readUInt16BE(2);
    start = 4;
  } else if (length === 127) {
    if (input.length < 10) return undefined;
    length = Number(input.readBigUInt64BE(2));
    start = 10;
  }
  const key = input.subarray(start, start + 4);
  if (masked) start += 4;
  if (input.length < start + length) return undefined;
  const body = input.subarray(start, start + length);
  return {
    fin: (input[0]! & 0x80) !== 0,
    opcode: input[0]! & 0x0f,
    masked,
    payload: masked ? Buffer.from(body.map((byte, index) => byte ^ key[index % 4]!)) : Buffer.from(body),
    byteLength: start + length,
  };
}
