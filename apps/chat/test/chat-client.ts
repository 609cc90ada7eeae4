import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import type { ServerMessage } from "../src/protocol";

const LIMIT_MS = 5000;

type Message<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

/** A visitor without a browser: says things, and waits for what it hears. */
export class ChatClient {
  readonly #socket: WebSocket;
  readonly #clientId: string;
  readonly #heard: ServerMessage[] = [];
  #onMessage: (() => void) | undefined;

  private constructor(socket: WebSocket, clientId: string) {
    this.#socket = socket;
    this.#clientId = clientId;
    socket.on("message", (data: Buffer) => {
      this.#heard.push(JSON.parse(data.toString()) as ServerMessage);
      this.#onMessage?.();
    });
  }

  static async connect(url: string, room: string, clientId: string = randomUUID()): Promise<ChatClient> {
    const socket = new WebSocket(`${url}/ws/rooms/${encodeURIComponent(room)}`);
    const client = new ChatClient(socket, clientId);
    await once(socket, "open", { signal: AbortSignal.timeout(LIMIT_MS) });
    return client;
  }

  static async join(url: string, room: string, nickname: string): Promise<ChatClient> {
    const client = await ChatClient.connect(url, room);
    client.asksToJoin(nickname);
    await client.hears("welcome");
    return client;
  }

  asksToJoin(nickname: string, requestId = `${nickname} joins`, since?: number): void {
    this.say({ type: "join", requestId, clientId: this.#clientId, nickname, since });
  }

  /** Says something and waits until it has been accepted. */
  async tells(text: string, requestId = text): Promise<Message<"ack">> {
    this.say({ type: "message", requestId, text });
    return this.hears("ack");
  }

  say(message: object | string): void {
    const isRaw = typeof message === "string" || Buffer.isBuffer(message);
    this.#socket.send(isRaw ? message : JSON.stringify(message));
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

  /** What it is told on joining: the welcome, and the messages of before from all pages. */
  async isWelcomed(): Promise<{
    welcome: Message<"welcome">;
    pages: number;
    history: Message<"welcome">["history"];
  }> {
    const welcome = await this.hears("welcome");
    const isPage = (message: ServerMessage) => message.type === "history";
    const before = this.#heard.filter(isPage);
    const others = this.#heard.filter((message) => !isPage(message));
    this.#heard.splice(0, Infinity, ...others);
    const pages = [...before, welcome];
    return { welcome, pages: pages.length, history: pages.flatMap(({ history }) => history) };
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

  wakeUp(): void {
    this.#socket.resume();
  }

  /** Ends without a close frame. */
  cut(): void {
    this.#socket.terminate();
  }
}
