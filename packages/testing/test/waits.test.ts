import {
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeInterceptor,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { startInMemoryApplication, until, type TestApplication, type TestClient } from "@vernal/testing";

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message);
  }
}

let application: TestApplication;
let client: TestClient;
beforeEach(async () => {
  application = await startInMemoryApplication({ handlers: { "/ws": new Echo() } });
  client = await application.connect("/ws");
});
afterEach(() => application.close());

/** The error with which a wait ends. */
async function failureOf(
  wait: Promise<unknown>,
): Promise<{ readonly code: string; readonly message: string }> {
  const error: unknown = await wait.then(
    () => "no failure",
    (thrown: unknown) => thrown,
  );
  return error as Error & { readonly code: string };
}

describe("next", () => {
  it("takes messages one by one, whether they have come or not, several waits in their order", async () => {
    const session = application.sessionOf(client);
    void session.sendMessage("a");
    void session.sendMessage(Buffer.of(1));
    await client.roundTrip();
    expect([await client.next(), await client.next()]).toEqual(["a", Buffer.of(1)]);
    const waiting = [client.next(), client.next()];
    for (const text of ["b", "c"]) client.send(text);
    expect(await Promise.all(waiting)).toEqual(["b", "c"]);
    expect(client.received).toHaveLength(4);
  });

  it("fails at once when the session ends, also where several wait, and gives what had come before", async () => {
    const waiting = [client.next(), client.next(), client.next()];
    client.send("last");
    client.send(Buffer.of(1));
    expect((await client.closed()).code).toBe(1003);
    expect(await waiting[0]).toBe("last");
    for (const each of [...waiting.slice(1), client.next()]) {
      expect((await failureOf(each)).code).toBe("VERNAL_TEST_ENDED");
    }
  });

  it("fails with what came, when nothing more comes in time", async () => {
    client.send("hello");
    await client.next();
    const [session] = application.get(WebSocketSessions);
    void session!.sendMessage(Buffer.of(1, 2));
    await until("both", () => client.received.length === 2);
    await client.next();
    const { code, message } = await failureOf(client.next({ timeoutMs: 20 }));
    expect(code).toBe("VERNAL_TEST_TIMEOUT");
    expect(message).toBe(
      "[VERNAL_TEST_TIMEOUT] next() of the client of /ws waited 20 ms in vain for a message. What had come:\n" +
        '  "hello" (taken)\n' +
        "  binary, 2 bytes: 01 02 (taken)\n" +
        "It is still open. See what should have caused it, or give more time with timeoutMs.",
    );
    // A wait that was in vain takes nothing from the next one.
    client.send("later");
    expect(await client.next()).toBe("later");
  });

  it("has the limit of the application unless told otherwise", async () => {
    await using impatient = await startInMemoryApplication({
      timeoutMs: 200,
      handlers: { "/ws": new Echo() },
    });
    const other = await impatient.connect("/ws");
    expect((await failureOf(other.next())).message).toContain("waited 200 ms");
    expect((await failureOf(other.closed())).message).toContain("waited 200 ms");
    expect((await failureOf(other.nextFrame())).message).toContain("waited 200 ms");
  });

  it("tells kinds apart, and shows what is no JSON", async () => {
    const [session] = application.get(WebSocketSessions);
    for (const each of ["{", Buffer.of(1), Buffer.of(2), "text", Buffer.of(255), '{"a":1}']) {
      void session!.sendMessage(each);
    }
    expect((await failureOf(client.nextJson())).message).toContain(
      '[VERNAL_TEST_WRONG_KIND] nextJson() of the client of /ws got "{", which is not JSON.',
    );
    expect((await failureOf(client.nextJson())).code).toBe("VERNAL_TEST_WRONG_KIND");
    expect((await failureOf(client.nextText())).message).toContain(
      "got binary, 1 bytes: 02, which is not text",
    );
    expect((await failureOf(client.nextBinary())).message).toContain('got "text", which is not binary');
    expect(await client.nextBinary()).toEqual(Buffer.of(255));
    client.sendJson({ b: 2 });
    expect(await client.nextJson<{ a: number }>()).toEqual({ a: 1 });
    expect(await client.nextJson()).toEqual({ b: 2 });
  });
});

describe("closed", () => {
  it("fails with the messages that came instead", async () => {
    client.send("still here");
    await until("the echo", () => client.received.length === 1);
    const { code, message } = await failureOf(client.closed({ timeoutMs: 5 }));
    expect(code).toBe("VERNAL_TEST_TIMEOUT");
    expect(message).toContain("closed() of the client of /ws waited 5 ms in vain for the end of the session");
    expect(message).toContain('"still here" (not taken)');
  });

  it("and sends fail at once after the end", async () => {
    await client.close();
    expect((await client.closed()).code).toBe(1005);
    for (const send of [
      () => client.send("x"),
      () => client.sendJson({}),
      () => client.sendFrame({ opcode: 1 }),
    ]) {
      expect(send).toThrow("[VERNAL_TEST_CLIENT_ENDED]");
    }
    await expect(client.roundTrip()).rejects.toMatchObject({ code: "VERNAL_TEST_CLIENT_ENDED" });
    expect((await failureOf(client.next())).message).toContain("It ended with 1005.");
  });
});

it("a round trip brings what was sent, so that silence can be seen without waiting", async () => {
  for (let index = 0; index < 100; index += 1) client.send(`${index}`);
  await client.roundTrip();
  expect(client.received).toHaveLength(100);
  await client.roundTrip();
  expect(client.received).toHaveLength(100);
});

it("the server's end of a client is found", async () => {
  const other = await application.connect("/ws?other");
  expect(application.sessionOf(other).uri.search).toBe("?other");
  expect(application.sessionOf(client).uri.search).toBe("");
  await other.close();
  await until("the end", () => application.stats().openSessions === 1);
  expect(() => application.sessionOf(other)).toThrow("[VERNAL_TEST_NO_SESSION]");
});

it("until says what it waited for", async () => {
  const { code, message } = await failureOf(until("the moon", () => false, { timeoutMs: 5 }));
  expect(code).toBe("VERNAL_TEST_TIMEOUT");
  expect(message).toContain("until() waited 5 ms in vain for: the moon.");
  await expect(
    until("a throw", () => {
      throw new Error("its own");
    }),
  ).rejects.toThrow("its own");
});

it("a handshake that is not answered in time fails too", async () => {
  const never: HandshakeInterceptor = { beforeHandshake: () => new Promise(() => {}) };
  @WebSocketHandler("/ws", { interceptors: [never] })
  class Slow extends Echo {}
  await using slow = await startInMemoryApplication({ components: [Slow], timeoutMs: 20 });
  expect((await failureOf(slow.connect("/ws"))).message).toContain(
    'connect("/ws") waited 20 ms in vain for the answer to the handshake.',
  );
  const raw = await slow.openConnection();
  expect((await failureOf(raw.answer())).message).toContain(
    "answer() of the raw connection waited 20 ms in vain",
  );
});
