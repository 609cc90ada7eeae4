import {
  Component,
  refuse,
  TextWebSocketHandler,
  type CloseStatus,
  type HandshakeInterceptor,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger } from "./harness/application";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { serve } from "./harness/serve";
import { until, within } from "./harness/until";

class Echo extends TextWebSocketHandler {
  readonly ended: number[] = [];

  override async handleTextMessage(session: WebSocketSession<object>, message: TextMessage): Promise<void> {
    await session.sendMessage(message);
  }

  override afterConnectionClosed(_session: WebSocketSession<object>, status: CloseStatus): void {
    this.ended.push(status.code);
  }
}

afterEach(closeApplications);

describe("application.close", () => {
  it("ends every session with 1001, after its last callback frees the port, and gives one promise", async () => {
    const handler = new Echo();
    const { logger, lines } = recordingLogger();
    const application = await serve(handler, {}, { logger });
    const clients = await Promise.all([1, 2, 3].map(() => connectClient(`${application.url}/ws`)));
    const closing = application.close();
    expect(application.close()).toBe(closing);
    await within("the close", closing);
    expect(handler.ended).toEqual([1001, 1001, 1001]);
    for (const client of clients) expect((await client.closed()).code).toBe(1001);
    expect(lines.filter(({ msg }) => msg.includes("cut"))).toEqual([]);
    await expect(openRaw(application.port)).rejects.toThrow();
  });

  it("waits for callbacks that still run, and disposes after them", async () => {
    const log: string[] = [];
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    class Slow extends Echo {
      override async handleTextMessage(): Promise<void> {
        log.push("begin");
        await finished;
        log.push("end");
      }
      override afterConnectionClosed(): void {
        log.push("closed");
      }
    }
    const application = await serve(new Slow(), {}, { drainTimeoutMs: 600 });
    const client = await connectClient(`${application.url}/ws`);
    client.send("x");
    await until("the callback", () => log.includes("begin"));
    const closing = application.close().then(() => log.push("application closed"));
    // When the deadline comes near, the peer is told, whatever its callback does.
    expect((await client.closed()).code).toBe(1001);
    expect(log).toEqual(["begin"]);
    finish();
    await within("the close", closing);
    expect(log).toEqual(["begin", "end", "closed", "application closed"]);
  });

  it("waits for the last callbacks of sessions that it cut, and disposes after them", async () => {
    const log: string[] = [];
    class Logging extends Echo {
      override afterConnectionClosed(): void {
        log.push("closed");
      }
    }
    @Component()
    class Resource {
      dispose(): void {
        log.push("disposed");
      }
    }
    const options = { drainTimeoutMs: 50, components: [Resource] };
    const application = await serve(new Logging(), { closeTimeoutMs: 60_000 }, options);
    const connection = await upgradeRaw(application.port, "/ws");
    await within("the close", application.close());
    expect(log).toEqual(["closed", "disposed"]);
    await leave(connection);
  });

  it("opens no session that was approved before and is still waited for", async () => {
    const handler = new Echo();
    let reached!: () => void;
    let goOn!: () => void;
    const inAfter = new Promise<void>((resolve) => (reached = resolve));
    const finished = new Promise<void>((resolve) => (goOn = resolve));
    const interceptor: HandshakeInterceptor = {
      beforeHandshake: () => {},
      afterHandshake: () => {
        reached();
        return finished;
      },
    };
    const application = await serve(handler, { interceptors: [interceptor] });
    const connection = await openRaw(application.port);
    connection.write(upgradeRequest("/ws"));
    await inAfter;
    const closing = application.close();
    expect((await connection.answer()).status).toBe(503);
    goOn();
    await within("the close", closing);
  });

  it("cuts what is left after drainTimeoutMs", async () => {
    class Stuck extends Echo {
      override handleTextMessage(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const application = await serve(new Stuck(), { closeTimeoutMs: 60_000 }, { drainTimeoutMs: 50 });
    const connection = await upgradeRaw(application.port, "/ws");
    connection.writeFrame({ opcode: 1, payload: "x" });
    await within("the close", application.close());
    await leave(connection);
  });

  it("answers a handshake that waits for the application with 503, and tells its interceptors so", async () => {
    const errors: unknown[] = [];
    let asked = false;
    const interceptors: HandshakeInterceptor[] = [
      { beforeHandshake: () => {}, afterHandshake: (_request, error) => void errors.push(error) },
      {
        beforeHandshake: () => {
          asked = true;
          return new Promise(() => {});
        },
      },
    ];
    const application = await serve(new Echo(), { interceptors });
    const connection = await openRaw(application.port);
    connection.write(upgradeRequest("/ws"));
    await until("the interceptor", () => asked);
    const closing = application.close();
    expect(await connection.answer()).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    await within("the close", closing);
    expect(errors).toEqual([refuse(503, "The server is going away.", { "Retry-After": "5" })]);
  });
});
