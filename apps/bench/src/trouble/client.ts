import { io, type Socket } from "socket.io-client";
import { WebSocket } from "ws";
import type { Peer } from "../peers/catalogue";

/** Someone who speaks as the documentation of the framework says. */
export interface Client {
  send(text: string): void;
  /** The next message, `undefined` if none comes in this time or the connection ends. */
  next(withinMs: number): Promise<string | undefined>;
  /** Reads no more. */
  stopReading(): void;
  /** How the connection ended: a close code, or "cut". */
  readonly ended: Promise<string>;
  leave(): void;
}

/** @returns the client, or the status with which it was refused. */
export function connect({ dialect }: Peer, port: number, origin?: string): Promise<Client | string> {
  return dialect === "plain" ? connectPlain(port, origin) : connectSocketIo(port, origin);
}

function connectPlain(port: number, origin: string | undefined): Promise<Client | string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, origin === undefined ? {} : { origin });
  const messages = new Messages();
  socket.on("message", (data: Buffer) => messages.add(data.toString()));
  const ended = new Promise<string>((resolve) => {
    socket.on("close", (code) => {
      messages.end();
      resolve(code === 1006 ? "cut" : String(code));
    });
  });
  const client: Client = {
    send: (text) => socket.send(text),
    next: (withinMs) => messages.next(withinMs),
    stopReading: () => socket.pause(),
    ended,
    leave: () => socket.terminate(),
  };
  return new Promise((resolve, reject) => {
    // After a status it says nothing new.
    socket.on("error", reject);
    socket.on("unexpected-response", (_, { statusCode }) => resolve(String(statusCode)));
    socket.on("open", () => resolve(client));
  });
}

function connectSocketIo(port: number, origin: string | undefined): Promise<Client | string> {
  const socket = io(`http://127.0.0.1:${port}`, {
    path: "/ws",
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    ...(origin === undefined ? {} : { extraHeaders: { Origin: origin } }),
  });
  const messages = new Messages();
  socket.on("message", (text: string) => messages.add(text));
  const ended = new Promise<string>((resolve) => {
    socket.on("disconnect", (reason) => {
      messages.end();
      resolve(reason === "io server disconnect" ? reason : "cut");
    });
  });
  const client: Client = {
    send: (text) => void socket.send(text),
    next: (withinMs) => messages.next(withinMs),
    stopReading: () => webSocketOf(socket).pause(),
    ended,
    // A mere `disconnect` would wait for the answer to its close frame, which somebody who does not read never sees.
    leave: () => {
      webSocketOf(socket).terminate();
      socket.disconnect();
    },
  };
  return new Promise((resolve) => {
    socket.on("connect_error", () => resolve("refused"));
    socket.on("connect", () => resolve(client));
  });
}

function webSocketOf(socket: Socket): WebSocket {
  return (socket.io.engine.transport as unknown as { ws: WebSocket }).ws;
}

class Messages {
  readonly #waiting: string[] = [];
  #taker: ((text: string | undefined) => void) | undefined;
  #hasEnded = false;

  add(text: string): void {
    if (this.#taker === undefined) this.#waiting.push(text);
    else this.#give(text);
  }

  end(): void {
    this.#hasEnded = true;
    this.#give(undefined);
  }

  next(withinMs: number): Promise<string | undefined> {
    if (this.#waiting.length > 0 || this.#hasEnded) return Promise.resolve(this.#waiting.shift());
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#give(undefined), withinMs);
      this.#taker = (text) => {
        clearTimeout(timer);
        resolve(text);
      };
    });
  }

  #give(text: string | undefined): void {
    const taker = this.#taker;
    this.#taker = undefined;
    taker?.(text);
  }
}
