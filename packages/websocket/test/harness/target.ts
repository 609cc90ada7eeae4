import type { RawConnection, TestClient } from "@vernal/testing";
import {
  AbstractWebSocketHandler,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type ApplicationStats,
  type CloseStatus,
  type TextMessage,
  type WebSocketApplication,
  type WebSocketApplicationOptions,
  type WebSocketHandlerOptions,
  type WebSocketSession,
} from "../../src/index";
import { closeApplications } from "./application";
import { connectClient } from "./client";
import { leave, upgradeRaw } from "./raw-connection";
import { realProcess } from "./real-process";
import { serve } from "./serve";
import { until } from "./until";

/** What gets the messages of attackers; echoes text until told otherwise, and keeps how sessions end. */
export class Attacked extends AbstractWebSocketHandler {
  readonly sessions: WebSocketSession<object>[] = [];
  readonly statuses: CloseStatus[] = [];
  readonly failures: Error[] = [];

  override afterConnectionEstablished(session: WebSocketSession<object>): void {
    this.sessions.push(session);
  }

  override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void | Promise<void> {
    void session.sendMessage(message);
  }

  override handleTransportError(_session: WebSocketSession<object>, error: Error): void {
    this.failures.push(error);
  }

  override afterConnectionClosed(_session: WebSocketSession<object>, status: CloseStatus): void {
    this.statuses.push(status);
  }
}

@WebSocketHandler("/echo")
class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void {
    void session.sendMessage(message);
  }
}

const targets: Target<Attacked>[] = [];

/**
 * An application with a handler for attackers at `/ws`, and a peaceful client at `/echo` that must notice nothing.
 * `closeTargets` ends it.
 */
export class Target<H extends Attacked = Attacked> {
  readonly application: WebSocketApplication;
  readonly handler: H;
  readonly bystander: TestClient;
  /** What would have ended the process. */
  readonly #fatal: unknown[] = [];
  readonly #onFatal = (error: unknown): void => void this.#fatal.push(error);
  #echoes = 0;

  private constructor(application: WebSocketApplication, handler: H, bystander: TestClient) {
    this.application = application;
    this.handler = handler;
    this.bystander = bystander;
    realProcess.on("uncaughtException", this.#onFatal).on("unhandledRejection", this.#onFatal);
  }

  /** @param limits those of the attacked handler; the bystander's has the defaults. */
  static async start<H extends Attacked>(
    handler: H,
    limits: WebSocketHandlerOptions = {},
    options: WebSocketApplicationOptions = {},
  ): Promise<Target<H>> {
    const application = await serve(handler, limits, { ...options, components: [Echo] });
    const bystander = await connectClient(`${application.url}/echo`);
    const target = new Target(application, handler, bystander);
    targets.push(target);
    return target;
  }

  get port(): number {
    return this.application.port;
  }

  get stats(): ApplicationStats {
    return this.application.stats();
  }

  /** A connection that has completed its handshake. */
  attack(): Promise<RawConnection> {
    return upgradeRaw(this.port, "/ws");
  }

  /** The bystander is answered. */
  async echo(): Promise<void> {
    this.#echoes += 1;
    const text = `still here ${this.#echoes}`;
    this.bystander.send(text);
    expect(await this.bystander.next()).toBe(text);
  }

  /** The process lives, the bystander is served, and of the attackers nothing is left. */
  async expectUnharmed(): Promise<void> {
    await this.echo();
    await until("the attackers' sessions to end", () => this.stats.openSessions === 1);
    await until("their last callbacks", () => this.handler.statuses.length === this.handler.sessions.length);
    expect(this.application.get(WebSocketSessions).size).toBe(1);
    expect(this.stats.pausedSessions).toBe(0);
    expect(this.#fatal).toEqual([]);
  }

  /** Ends the watch over the process. */
  forget(): void {
    realProcess.off("uncaughtException", this.#onFatal).off("unhandledRejection", this.#onFatal);
  }
}

export async function closeTargets(): Promise<void> {
  await closeApplications();
  for (const target of targets.splice(0)) target.forget();
}

/** The code of the close frame that the server sends; 1005 for an empty one. The attacker leaves afterwards. */
export async function closeCodeOf(attacker: RawConnection): Promise<number> {
  let frame = await attacker.nextFrame();
  while (frame.opcode !== 8) frame = await attacker.nextFrame();
  await leave(attacker);
  return frame.payload.length === 0 ? 1005 : frame.payload.readUInt16BE(0);
}
