import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketBroadcaster, type WebSocketApplication } from "@vernal/websocket";
import jwt from "jsonwebtoken";
import { pino } from "pino";
import { WebSocket } from "ws";
import { createExampleServer, type ServerSettings } from "../src/server";
import { Tokens } from "../src/tokens";

export const SECRET = "the secret of these tests";
export const tokens = new Tokens(SECRET);

const LIMIT_MS = 4000;

interface Attempt {
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page that is signed in, or not: its cookies go with its requests. */
export class ExampleServer {
  readonly application: WebSocketApplication;
  readonly #server: Server;
  readonly #sockets: WebSocket[] = [];

  private constructor(server: Server, application: WebSocketApplication) {
    this.#server = server;
    this.application = application;
  }

  static async start(settings: Partial<ServerSettings> = {}): Promise<ExampleServer> {
    const accounts = {
      check: (name: string, password: string) => Promise.resolve(password === `password of ${name}`),
    };
    const logger = pino({ level: "silent" });
    const { server, application } = await createExampleServer({
      secret: SECRET,
      accounts,
      ...settings,
      options: { logger, ...settings.options },
    });
    server.listen(0);
    await once(server, "listening");
    return new ExampleServer(server, application);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The origin of its own pages. */
  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  post(path: string, { cookie = "", body }: { cookie?: string; body?: object } = {}): Promise<Response> {
    return fetch(this.origin + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Cookie: cookie },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  }

  /** Signs in, and gives the header that a browser would send from then on. */
  async login(name: string): Promise<string> {
    const response = await this.post("/login", { body: { name, password: `password of ${name}` } });
    if (response.status !== 204) throw new Error(`The login was answered with ${response.status}`);
    return response.headers
      .getSetCookie()
      .map((each) => each.split(";")[0])
      .join("; ");
  }

  /** Opens a socket that has been greeted. */
  async connect(path: string, attempt: Attempt = {}): Promise<Visitor> {
    const visitor = new Visitor(this.#dial(path, attempt));
    await visitor.opened;
    return visitor;
  }

  /** The status with which a handshake is refused. */
  async refusal(path: string, attempt: Attempt = {}): Promise<number> {
    const socket = this.#dial(path, attempt);
    const signal = AbortSignal.timeout(LIMIT_MS);
    const opened = once(socket, "open", { signal }).then(() => 101);
    const refused = once(socket, "unexpected-response", { signal }).then(
      ([, response]) => (response as { statusCode: number }).statusCode,
    );
    opened.catch(() => {});
    refused.catch(() => {});
    return Promise.race([opened, refused]);
  }

  /** How many sessions a user has. */
  sendTo(user: string, text: string): number {
    return this.application.get(WebSocketBroadcaster).toUser(user).send(text);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await this.application.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #dial(path: string, { protocols = [], headers = {} }: Attempt): WebSocket {
    const socket = new WebSocket(`ws://localhost:${this.port}${path}`, [...protocols], {
      headers: { Origin: this.origin, ...headers },
    });
    socket.on("error", () => {});
    this.#sockets.push(socket);
    return socket;
  }
}

/** One open socket, and what it was told. */
export class Visitor {
  readonly socket: WebSocket;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #received: string[] = [];
  #wake = (): void => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.opened = once(socket, "open", { signal: AbortSignal.timeout(LIMIT_MS) });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    socket.on("message", (data: Buffer) => {
      this.#received.push(data.toString());
      this.#wake();
    });
  }

  /** The next message that was not asked for yet. */
  async next(): Promise<string> {
    if (this.#received.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#received.shift()!;
  }
}

/** Tokens that are wrong in one way each; the right one has this audience and is for this user. */
export function wrongTokens(name: string, audience: string): [what: string, token: string][] {
  const claims = { sub: name, aud: audience, jti: "1", exp: Math.floor(Date.now() / 1000) + 60 };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const without = (claim: keyof typeof claims): object =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== claim));
  const right = jwt.sign(claims, SECRET, { algorithm: "HS256" });
  const [head, , signature] = right.split(".");
  return [
    ["another secret", jwt.sign(claims, "another secret")],
    ["changed claims", `${head}.${encode({ ...claims, sub: "root" })}.${signature}`],
    ["no signature", right.slice(0, right.lastIndexOf(".") + 1)],
    ['the algorithm "none"', `${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.`],
    ["another algorithm", jwt.sign(claims, SECRET, { algorithm: "HS512" })],
    ["another audience", jwt.sign({ ...claims, aud: "elsewhere" }, SECRET)],
    ["no audience", jwt.sign(without("aud"), SECRET)],
    ["the past", jwt.sign({ ...claims, exp: claims.exp - 120 }, SECRET)],
    ["no end", jwt.sign(without("exp"), SECRET)],
    ["no user", jwt.sign(without("sub"), SECRET)],
    ["no form", "bearer"],
  ];
}
