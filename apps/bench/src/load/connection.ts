import { connect, type Socket } from "node:net";
import { type Dialect, ENGINE_IO_PONG, pathOf, SOCKET_IO_CONNECT } from "./dialect";
import { FrameScanner, type FrameListener } from "./frame-scanner";
import { CLOSE, clientFrame, PONG } from "./frames";

const CLOSE_OPCODE = 8;
const PING_OPCODE = 9;
/** Handed to every socket: Node reads into it and calls back before it reads again. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);
const CLOSE_FRAME = clientFrame(Buffer.from([0x03, 0xe8]), CLOSE);
/** `0{…}` of engine.io, and `40{…}`, which answers the connect. */
const SOCKET_IO_GREETINGS = 2;
const END_OF_HEAD = "\r\n\r\n";

export interface Target {
  readonly port: number;
  readonly dialect: Dialect;
  /** Offer permessage-deflate. */
  readonly deflate: boolean;
}

/** What a connection is told of, besides the messages that it counts. */
export interface ConnectionListener {
  /** A message has come: how long its payload is on the wire. */
  message(payloadLength: number, compressed: boolean): void;
}

/** A client's connection on a raw socket: a handshake, then frames that are counted and not decoded. */
export class Connection implements FrameListener {
  /** The handshake is over, and with socket.io the connection to its main namespace too. */
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #dialect: Dialect;
  readonly #listener: ConnectionListener;
  readonly #scanner: FrameScanner;
  #head: string | undefined = "";
  #greetings = 0;
  #isOpen = false;
  #closing = false;
  #markOpen!: () => void;
  #failOpening!: (error: Error) => void;

  constructor({ port, dialect, deflate }: Target, listener: ConnectionListener) {
    this.#dialect = dialect;
    this.#listener = listener;
    // Of engine.io short messages have to be read: its pings, and the answer to the connect.
    this.#scanner = new FrameScanner(this, dialect === "plain" ? 0 : 1);
    this.opened = new Promise((resolve, reject) => {
      this.#markOpen = resolve;
      this.#failOpening = reject;
    });
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (bytes) => {
          this.#read(READ_BUFFER.subarray(0, bytes));
          return true;
        },
      },
    });
    this.#socket.write(handshake(port, dialect, deflate));
    this.closed = new Promise((resolve) => {
      this.#socket.on("close", () => {
        resolve();
        this.#ended();
      });
    });
    this.#socket.on("error", (error) => this.#failOpening(error));
  }

  /** Bytes of whole frames, masked. */
  write(frames: Buffer): void {
    this.#socket.write(frames);
  }

  /** With the closing handshake of RFC 6455. */
  close(): void {
    this.#closing = true;
    this.#socket.write(CLOSE_FRAME);
  }

  data(payloadLength: number, compressed: boolean): void {
    if (this.#isOpen) {
      this.#listener.message(payloadLength, compressed);
    } else {
      this.#greetings += 1;
      if (this.#greetings < SOCKET_IO_GREETINGS) return;
      this.#isOpen = true;
      this.#markOpen();
    }
  }

  short(opcode: number, payload: Buffer, compressed: boolean): void {
    if (opcode === PING_OPCODE) this.#socket.write(clientFrame(payload, PONG));
    else if (opcode === CLOSE_OPCODE) this.#answerClose(payload);
    else if (opcode < CLOSE_OPCODE && this.#dialect === "socket.io") this.#socket.write(ENGINE_IO_PONG);
    else if (opcode < CLOSE_OPCODE) this.#listener.message(payload.length, compressed);
  }

  #answerClose(payload: Buffer): void {
    if (!this.#closing) {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      throw new Error(`The server closed a connection with ${code}`);
    }
  }

  #read(chunk: Buffer): void {
    if (this.#head === undefined) {
      this.#scanner.scan(chunk);
      return;
    }
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = this.#head;
    this.#head = undefined;
    if (!head.startsWith("HTTP/1.1 101 ")) {
      this.#failOpening(new Error(`The server refused the handshake: ${head.split("\r\n")[0]}`));
      return;
    }
    const rest = Buffer.from(head.slice(end + END_OF_HEAD.length), "latin1");
    if (this.#dialect === "socket.io") {
      this.#socket.write(SOCKET_IO_CONNECT);
    } else {
      this.#isOpen = true;
      this.#markOpen();
    }
    if (rest.length > 0) this.#scanner.scan(rest);
  }

  #ended(): void {
    if (!this.#isOpen) this.#failOpening(new Error("The server ended the handshake without an answer"));
    else if (!this.#closing) throw new Error("The server ended a connection");
  }
}

function handshake(port: number, dialect: Dialect, deflate: boolean): string {
  const lines = [
    `GET ${pathOf(dialect)} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    // Clients have to choose it anew each time; no server can tell.
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  if (deflate) lines.push("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
  return `${lines.join("\r\n")}${END_OF_HEAD}`;
}
