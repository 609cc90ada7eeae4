import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { until, within } from "./until";

export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case; what comes several times is joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ServerFrame {
  readonly fin: boolean;
  /** The three reserved bits; the first of them is 4. */
  readonly reserved: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The key of RFC 6455 section 1.3, and what a server makes of it. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A connection on which a test says every byte itself. */
export class RawConnection {
  readonly socket: Socket;
  /** What was read and not asked for yet; put together when it is. */
  #chunks: Buffer[] = [];
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (data) => this.#chunks.push(data));
    socket.on("error", () => {});
    socket.on("close", () => (this.#ended = true));
  }

  static async open(port: number, host = "127.0.0.1"): Promise<RawConnection> {
    const connection = new RawConnection(connect({ port, host }));
    await within("a TCP connection", once(connection.socket, "connect"));
    return connection;
  }

  /** Opens a connection and completes a handshake on it. */
  static async upgrade(port: number, path: string, headers: readonly string[] = []): Promise<RawConnection> {
    const connection = await RawConnection.open(port);
    connection.write(upgradeRequest(path, headers));
    const { status } = await connection.answer();
    if (status !== 101) throw new Error(`The server answered ${status}`);
    return connection;
  }

  get #input(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  set #input(rest: Buffer) {
    this.#chunks = [rest];
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  write(data: string | Buffer): void {
    this.socket.write(data);
  }

  /** A frame as a client sends it, masked unless told otherwise. */
  writeFrame(opcode: number, payload: string | Buffer, options: FrameOptions = {}): void {
    this.socket.write(clientFrame(opcode, payload, options));
  }

  /** The next HTTP answer, whole. */
  async answer(): Promise<HttpAnswer> {
    await until("the head of an answer", () => this.#input.includes("\r\n\r\n") || this.#ended);
    const end = this.#input.indexOf("\r\n\r\n");
    if (end === -1) throw new Error(`The connection ended with ${JSON.stringify(this.#input.toString())}`);
    const [statusLine = "", ...lines] = this.#input.subarray(0, end).toString("latin1").split("\r\n");
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    this.#input = this.#input.subarray(end + 4);
    const length = Number(headers["content-length"] ?? 0);
    await until("the body of an answer", () => this.#input.length >= length || this.#ended);
    const body = this.#input.subarray(0, length).toString();
    this.#input = this.#input.subarray(length);
    return { status: Number(statusLine.split(" ")[1]), headers, body };
  }

  /** The next frame of the server. */
  async frame(): Promise<ServerFrame> {
    await until("a frame", () => parseFrame(this.#input) !== undefined || this.#ended);
    const parsed = parseFrame(this.#input);
    if (parsed === undefined) throw new Error("The connection ended without another frame");
    this.#input = this.#input.subarray(parsed.byteLength);
    return parsed;
  }

  /** Waits for the server's close frame, answers it as a client has to, and gives its payload. */
  async answerClose(): Promise<Buffer> {
    let frame = await this.frame();
    while (frame.opcode !== 8) frame = await this.frame();
    this.writeFrame(8, frame.payload);
    return frame.payload;
  }

  /** Waits for the end of the connection; gives what had not been read. */
  async end(): Promise<Buffer> {
    this.socket.end();
    await until("the end of the connection", () => this.#ended);
    return this.#input;
  }
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

interface FrameOptions {
  readonly fin?: boolean;
  readonly masked?: boolean;
  readonly reserved?: number;
  /** In place of the payload's own length. */
  readonly length?: bigint;
}

export function clientFrame(opcode: number, payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { fin = true, masked = true, reserved = 0 } = options;
  const body = Buffer.from(payload as string);
  const length = options.length ?? BigInt(body.length);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  let head: Buffer;
  if (length < 126n) {
    head = Buffer.from([first, mask | Number(length)]);
  } else if (length < 65_536n) {
    head = Buffer.from([first, mask | 126, 0, 0]);
    head.writeUInt16BE(Number(length), 2);
  } else {
    head = Buffer.concat([Buffer.from([first, mask | 127]), Buffer.alloc(8)]);
    head.writeBigUInt64BE(length, 2);
  }
  if (!masked) return Buffer.concat([head, body]);
  const key = Buffer.from([1, 2, 3, 4]);
  const maskedBody = body.map((byte, index) => byte ^ key[index % 4]!);
  return Buffer.concat([head, key, maskedBody]);
}

function parseFrame(input: Buffer): (ServerFrame & { readonly byteLength: number }) | undefined {
  if (input.length < 2) return undefined;
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
  if (input.length < start + length) return undefined;
  return {
    fin: (input[0]! & 0x80) !== 0,
    reserved: (input[0]! >> 4) & 0b111,
    opcode: input[0]! & 0x0f,
    payload: Buffer.from(input.subarray(start, start + length)),
    byteLength: start + length,
  };
}
