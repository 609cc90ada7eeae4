import {
  AbstractWebSocketHandler,
  CloseStatus,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import {
  encodeRawFrame,
  startInMemoryApplication,
  startTestApplication,
  until,
  type TestApplication,
} from "@vernal/testing";

/** Keeps what it hears; echoes, but for "wait", with which it waits. */
class Hearing extends AbstractWebSocketHandler {
  readonly heard: string[] = [];
  goOn = (): void => {};

  override async handleTextMessage(session: WebSocketSession, { payload }: TextMessage): Promise<void> {
    this.heard.push(payload);
    if (payload === "wait") await new Promise<void>((resolve) => (this.goOn = resolve));
    else await session.sendMessage(payload);
  }

  override handleTransportError(_session: WebSocketSession, error: Error & { readonly code?: string }): void {
    this.heard.push(error.code ?? error.message);
  }

  override afterConnectionClosed(session: WebSocketSession, status: CloseStatus): void {
    this.heard.push(`closed ${status.toString()} by ${session.closedBy}`);
  }
}

interface Stage {
  readonly application: TestApplication;
  readonly handler: Hearing;
}

const HANDSHAKE =
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const OURS = new CloseStatus(4001, "enough");
const CLOSE = encodeRawFrame({ opcode: 8, payload: Buffer.of(0x03, 0xe8) });

const untilHeard = (handler: Hearing, start: string): Promise<void> =>
  until(start, () => handler.heard.some((each) => each.startsWith(start)));

const SCRIPTS: Readonly<Record<string, (stage: Stage) => Promise<unknown>>> = {
  "a client closes and is gone before the answer": async ({ application }) => {
    const client = await application.connect("/ws");
    client.sendBytes(CLOSE);
    client.terminate();
    return String(await client.closed());
  },
  "a client is gone to whom much is sent": async ({ application }) => {
    const client = await application.connect("/ws");
    const session = application.sessionOf(client);
    client.terminate();
    const sent = await session.sendMessage("anybody?");
    await session.closed;
    return [sent, await session.sendMessage("nobody?")];
  },
  "a client resets while the application closes": async ({ application, handler }) => {
    const client = await application.connect("/ws");
    client.send("wait");
    await untilHeard(handler, "wait");
    const closing = application.close();
    client.reset();
    await until("the end", () => application.stats().closesByCode[1006] === 1);
    handler.goOn();
    await closing;
    return String(await client.closed());
  },
  "this side sends much and closes": async ({ application }) => {
    const client = await application.connect("/ws");
    const session = application.sessionOf(client);
    for (let index = 0; index < 500; index += 1) void session.sendMessage(`${index}`.padEnd(10_000));
    session.close(OURS);
    return [String(await client.closed()), client.received.length];
  },
  "this side cuts a client that does not read": async ({ application }) => {
    const client = await application.connect("/ws");
    const session = application.sessionOf(client);
    client.pause();
    const sends = Array.from({ length: 20 }, () => session.sendMessage(Buffer.alloc(1_000_000)));
    session.native.terminate();
    client.resume();
    return [await Promise.all(sends), String(await client.closed())];
  },
  "a connection sends a message with its handshake": async ({ application }) => {
    const raw = await application.openConnection();
    raw.write(Buffer.concat([Buffer.from(HANDSHAKE), encodeRawFrame({ opcode: 1, payload: "early" })]));
    return [(await raw.answer()).status, (await raw.nextFrame()).payload.toString()];
  },
  "a connection ends behind its handshake": async ({ application, handler }) => {
    const raw = await application.openConnection();
    raw.write(HANDSHAKE);
    raw.finish();
    await untilHeard(handler, "closed");
    return [(await raw.answer()).status, await raw.ended()];
  },
  "a connection is gone behind its handshake": async ({ application, handler }) => {
    const raw = await application.openConnection();
    raw.write(HANDSHAKE);
    raw.destroy();
    await untilHeard(handler, "closed");
    return application.stats().openSessions;
  },
  "a connection closes and ends": async ({ application }) => {
    const raw = await application.openConnection();
    await raw.upgrade("/ws");
    raw.write(CLOSE);
    raw.finish();
    return [(await raw.nextFrame()).payload, await raw.ended()];
  },
  "a connection ends instead of answering a close": async ({ application }) => {
    const client = await application.openConnection();
    await client.upgrade("/ws");
    client.writeFrame({ opcode: 1, payload: "x" });
    await client.nextFrame();
    const closing = application.application.close();
    const frame = await client.nextFrame();
    client.finish();
    await closing;
    return [frame.payload, await client.ended()];
  },
  "a connection ends in the middle of a head": async ({ application }) => {
    const raw = await application.openConnection();
    raw.write(HANDSHAKE.slice(0, 40));
    raw.finish();
    return [(await raw.answer()).status, await raw.ended()];
  },
};

describe("the wire in memory does what one of TCP does, when", () => {
  it.each(Object.entries(SCRIPTS))("%s", async (_name, script) => {
    const play = async (start: typeof startInMemoryApplication): Promise<readonly unknown[]> => {
      const handler = new Hearing();
      await using application = await start({
        handlers: { "/ws": handler },
        sendBufferLimitBytes: 8_000_000,
      });
      const outcome = await script({ application, handler });
      await application.close();
      return [outcome, handler.heard];
    };
    expect(await play(startInMemoryApplication)).toEqual(await play(startTestApplication));
  });
});
