import { once } from "node:events";
import { WebSocket } from "ws";
import type { ServerMessage } from "../src/protocol";

const LIMIT_MS = 5000;

type Message<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

/** A visitor without a browser: says things, and waits for what it hears. */
export class ChatClient {
  readonly #socket: WebSocket;
  readonly #heard: ServerMessage[] = [];
  #onMessage: (() => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      this.#heard.push(JSON.parse(data.toString()) as ServerMessage);
      this.#onMessage?.();
    });
  }

  static async connect(url: string, room: string): Promise<ChatClient> {
    const socket = new WebSocket(`${url}/ws/rooms/${encodeURIComponent(room)}`);
    const client = new ChatClient(socket);
    await once(socket, "open", { signal: AbortSignal.timeout(LIMIT_MS) });
    return client;
  }

  static async join(url: string, room: string, nickname: string): Promise<ChatClient> {
    const client = await ChatClient.connect(url, room);
    client.say({ type: "join", requestId: `${nickname} joins`, nickname });
    await client.hears("welcome");
    return client;
  }

  say(message: object | string): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message of this type; those of other types stay. */
  async hears<T extends ServerMessage["type"]>(type: T): Promise<Message<T>> {
    const deadline = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      const index = this.#heard.findIndex((message) => message.type === type);
      if (index !== -1) return this.#heard.splice(index, 1)[0] as Message<T>;
      await new Promise<void>((resolve, reject) => {
        this.#onMessage = resolve;
        deadline.onabort = () => {
          reject(new Error(`Heard no "${type}", only ${JSON.stringify(this.#heard)}`));
        };
      });
    }
  }

  /** What has arrived and has not been asked for. */
  get unheard(): readonly ServerMessage[] {
    return this.#heard;
  }

  /** How the server ends it. */
  async closed(): Promise<{ code: number; reason: string }> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const [code, reason] = (await once(this.#socket, "close", { signal })) as [number, Buffer];
    return { code, reason: reason.toString() };
  }

  /** Leaves as a closed tab does. */
  leave(): void {
    this.#socket.close(1001);
  }

  /** Stays connected and never answers again. */
  fallAsleep(): void {
    this.#socket.pause();
  }

  /** Ends without a close frame. */
  cut(): void {
    this.#socket.terminate();
  }
}
