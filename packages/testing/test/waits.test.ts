import {
  InjectLogger,
  CloseStatus,
  PongMessage,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeInterceptor,
  type Logger,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { performance } from "node:perf_hooks";
import { TLS } from "./fixtures/tls";
import {
  startInMemoryApplication,
  startTestApplication,
  until,
  type TestApplication,
  type TestClient,
} from "@vernal/testing";

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void | Promise<void> {
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

  it("says that nothing can come while it reads nothing", async () => {
    const raw = await application.openConnection();
    for (const paused of [client, raw]) paused.pause();
    for (const wait of [client.next({ timeoutMs: 5 }), client.roundTrip({ timeoutMs: 5 })]) {
      expect((await failureOf(wait)).message).toContain(
        "It is still open, and reads nothing until resume().",
      );
    }
    expect((await failureOf(raw.nextFrame({ timeoutMs: 5 }))).message).toContain("until resume()");
    for (const paused of [client, raw]) paused.resume();
    expect((await failureOf(client.next({ timeoutMs: 5 }))).message).toContain("It is still open. See");
  });

  it("has the limit of the application unless told otherwise", async () => {
    await using impatient = await startInMemoryApplication({
      timeoutMs: 1000,
      handlers: { "/ws": new Echo() },
    });
    const other = await impatient.connect("/ws");
    const waits = [other.next(), other.closed(), other.nextFrame()];
    for (const { message } of await Promise.all(waits.map(failureOf))) {
      expect(message).toContain("waited 1000 ms");
    }
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

describe("the stack of a wait in vain", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["next", () => client.next({ timeoutMs: 5 })],
    ["nextJson", () => client.nextJson({ timeoutMs: 5 })],
    ["nextFrame", () => client.nextFrame({ timeoutMs: 5 })],
    ["closed", () => client.closed({ timeoutMs: 5 })],
    ["until", () => until("never", () => false, { timeoutMs: 5 })],
  ])("%s leads to the line of the test", async (_, wait) => {
    const call = async (): Promise<unknown> => await wait();
    const { stack } = (await failureOf(call())) as Error & { readonly code: string };
    expect(stack).toContain("waits.test.ts");
    expect(stack).toMatch(/^VernalError: \[VERNAL_TEST_TIMEOUT\]/);
  });

  it("is the message alone where stacks are switched off", async () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    const failing = failureOf(client.next({ timeoutMs: 5 }));
    Error.stackTraceLimit = stackTraceLimit;
    const { message, stack } = (await failing) as Error & { readonly code: string };
    expect(stack).toBe(`VernalError: ${message}`);
  });

  it("leads there too where the end came first", async () => {
    const failing = failureOf(client.next());
    await client.close();
    expect(((await failing) as Error & { readonly code: string }).stack).toContain("waits.test.ts");
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

describe("what nobody can send", () => {
  const wrongData = [undefined, null, {}, Object.create(null), 5, new ArrayBuffer(1)] as never[];

  it("is refused at the call, and sends nothing", async () => {
    const raw = await application.openConnection();
    const frame = (options: object) => () => client.sendFrame({ opcode: 2, ...options });
    const calls: (() => void)[] = [
      ...wrongData.flatMap((data) => [
        () => client.send(data),
        () => client.sendBytes(data),
        () => raw.write(data),
      ]),
      ...[undefined, () => {}, Symbol("x")].map((value) => () => client.sendJson(value)),
      ...[-1, 1.5, NaN, Infinity, -1n, 2n ** 64n].map((claimedLength) => frame({ claimedLength })),
      ...[-1, 1.5, 16].map((opcode) => frame({ opcode })),
      ...[-1, 1.5, 8].map((reserved) => frame({ reserved })),
      frame({ payload: 5 }),
      () => raw.writeFrame({ opcode: 16 }),
    ];
    for (const call of calls) {
      expect(call).toThrow(expect.objectContaining({ code: "VERNAL_TEST_INVALID_ARGUMENT" }) as Error);
    }
    await client.roundTrip();
    expect([client.received, client.isOpen]).toEqual([[], true]);
  });

  it("is named", () => {
    expect(() => client.send({} as never)).toThrow(
      "send() of the client of /ws got an object (Object). Give it a string or bytes.",
    );
    expect(() => client.sendJson(undefined)).toThrow("sendJson() of the client of /ws got undefined.");
    expect(() => client.sendFrame({ opcode: 1, claimedLength: 1.5 })).toThrow(
      "claimedLength of sendFrame() of the client of /ws got 1.5. Give it a whole number from 0 to",
    );
  });

  it.each([
    [CloseStatus.NO_CLOSE_FRAME, "got 1006"],
    [CloseStatus.NO_STATUS_CODE, "got 1005"],
    [{ code: 70_000 }, "got an object with the code 70000"],
    [{ code: 4001, reason: "x".repeat(124) }, "got an object with the code 4001"],
    [1000, "got 1000"],
    [null, "got null"],
  ])("is no status to close with: %p", async (status, text) => {
    const { code, message } = await failureOf(client.close(status as never));
    expect(code).toBe("VERNAL_TEST_INVALID_ARGUMENT");
    expect(message).toContain(`close() of the client of /ws ${text}. Give it a status`);
    expect(client.isOpen).toBe(true);
  });

  it("is no length that the largest frame has", async () => {
    const raw = await application.openConnection();
    await raw.upgrade("/ws");
    raw.writeFrame({ opcode: 1, claimedLength: 2n ** 64n - 1n });
    expect((await raw.nextFrame()).opcode).toBe(8);
  });
});

describe("a round trip", () => {
  it("brings what was sent, however much, so that silence can be seen without waiting", async () => {
    for (let index = 0; index < 1000; index += 1) client.send(`${index}`);
    await client.roundTrip();
    expect(client.received).toHaveLength(1000);
    await client.roundTrip();
    expect(client.received).toHaveLength(1000);
  });

  it("brings what callbacks send that await what has settled", async () => {
    class Thinking extends Echo {
      override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
        for (let step = 0; step < 10; step += 1) await Promise.resolve();
        return super.handleTextMessage(session, message);
      }
    }
    await using other = await startInMemoryApplication({ handlers: { "/ws": new Thinking() } });
    const thinking = await other.connect("/ws");
    thinking.send("x");
    await thinking.roundTrip();
    expect(thinking.received).toEqual(["x"]);
  });

  it("goes on as long as each round brings something", async () => {
    class Unhurried extends Echo {
      override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        return super.handleTextMessage(session, message);
      }
    }
    await using other = await startInMemoryApplication({ handlers: { "/ws": new Unhurried() } });
    const unhurried = await other.connect("/ws");
    for (let index = 0; index < 50; index += 1) unhurried.send(`${index}`);
    await unhurried.roundTrip();
    expect(unhurried.received).toHaveLength(50);
  });

  it("knows its own pong among those of others, and is one at a time", async () => {
    const session = application.sessionOf(client);
    // The answers to these are on their way before any of its own.
    for (const payload of ["one", "two"]) client.native.ping(payload);
    void session.sendMessage(new PongMessage(Buffer.from("unasked")));
    client.send("x");
    const trips = [client.roundTrip(), client.roundTrip()];
    await Promise.resolve();
    // The newest ping of a turn is the one that is answered.
    client.native.ping("three");
    const ends: number[] = [];
    await Promise.all(trips.map((trip, index) => trip.then(() => ends.push(index))));
    expect(ends).toEqual([0, 1]);
    expect(client.received).toEqual(["x"]);
    const payloads = client.frames
      .filter(({ opcode }) => opcode === 10)
      .map(({ payload }) => payload.toString());
    expect(payloads).toContain("unasked");
    expect(payloads).toContain("three");
    // The first trip has two rounds, because "x" came back in the first of them.
    const own = new Set(payloads.filter((payload) => payload.startsWith("round trip")));
    expect([...own]).toEqual([1, 2, 3, 4, 5, 6].map((number) => `round trip ${number}`));
  });

  it("fails where the server does not cease to send", async () => {
    const session = application.sessionOf(client);
    let goesOn = true;
    const chatter = async (): Promise<void> => {
      while (goesOn && session.isOpen) {
        void session.sendMessage("and");
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const talking = chatter();
    const { code, message } = await failureOf(client.roundTrip({ timeoutMs: 30 }));
    goesOn = false;
    await talking;
    expect(code).toBe("VERNAL_TEST_TIMEOUT");
    expect(message).toContain("roundTrip() of the client of /ws waited 30 ms in vain for");
    // The next one is none the worse for it.
    await client.roundTrip();
  });

  it("fails when the session ends on the way", async () => {
    client.send(Buffer.of(1));
    expect((await failureOf(client.roundTrip())).code).toBe("VERNAL_TEST_ENDED");
  });
});

describe("a limit", () => {
  it.each([-1, Number.NaN, "soon" as unknown as number])(
    "of %p is refused at the call",
    async (timeoutMs) => {
      const raw = await application.openConnection();
      const calls: Promise<unknown>[] = [
        client.next({ timeoutMs }),
        client.nextText({ timeoutMs }),
        client.nextFrame({ timeoutMs }),
        client.roundTrip({ timeoutMs }),
        client.closed({ timeoutMs }),
        client.close(undefined, { timeoutMs }),
        raw.answer({ timeoutMs }),
        raw.nextFrame({ timeoutMs }),
        raw.ended({ timeoutMs }),
        until("nothing", () => true, { timeoutMs }),
        application.connect("/ws", { timeoutMs }),
        application.refusal("/ws", { timeoutMs }),
        application.openConnection({ timeoutMs }),
        startInMemoryApplication({ timeoutMs }),
        startTestApplication({ timeoutMs }),
      ];
      for (const failure of await Promise.all(calls.map(failureOf))) {
        expect(failure).toMatchObject({
          code: "VERNAL_TEST_INVALID_ARGUMENT",
          message: expect.stringMatching(/timeoutMs of \w+\(.*\).* got .*\. Give it milliseconds/) as string,
        });
      }
    },
  );

  it.each([Number.POSITIVE_INFINITY, 2 ** 31])("of %p is none", async (timeoutMs) => {
    const patient = await application.connect("/ws", { timeoutMs });
    const session = application.sessionOf(patient);
    const waits = [patient.next(), patient.nextFrame(), patient.closed()];
    let settled = 0;
    for (const wait of waits) void wait.then(() => (settled += 1));
    // Longer than the millisecond that Node makes of it.
    await expect(client.next({ timeoutMs: 30 })).rejects.toThrow("waited 30 ms");
    expect(settled).toBe(0);
    await session.sendMessage("x");
    await patient.roundTrip();
    session.close();
    await Promise.all(waits);
    await until("now", () => true, { timeoutMs });
  });

  it.each([{}, { tls: TLS }])("holds for the opening of a connection, with %p", async (options) => {
    await using other = await startTestApplication({ handlers: { "/ws": new Echo() }, ...options });
    const calls = [
      other.connect("/ws", { timeoutMs: 20 }),
      other.refusal("/ws", { timeoutMs: 20 }),
      other.openConnection({ timeoutMs: 20 }),
    ];
    // Nothing is read meanwhile, so no connection is open when the time is over.
    const begun = performance.now();
    while (performance.now() - begun < 40);
    const names = ['connect("/ws")', 'refusal("/ws")', "openConnection()"];
    for (const [index, { code, message }] of (await Promise.all(calls.map(failureOf))).entries()) {
      expect(code).toBe("VERNAL_TEST_TIMEOUT");
      expect(message).toContain(`${names[index]} waited 20 ms in vain for the connection to open.`);
    }
  });

  it("that a client was connected with is that of its waits", async () => {
    const other = await application.connect("/ws", { timeoutMs: 1000 });
    const waits = [other.next(), other.closed(), other.nextFrame()];
    for (const { message } of await Promise.all(waits.map(failureOf))) {
      expect(message).toContain("waited 1000 ms");
    }
    expect((await failureOf(other.next({ timeoutMs: 5 }))).message).toContain("waited 5 ms");
  });
});

it("a failed wait for a frame says that the connection has ended", async () => {
  const frame = client.nextFrame();
  client.reset();
  const { code, message } = await failureOf(frame);
  expect(code).toBe("VERNAL_TEST_ENDED");
  expect(message).not.toContain("still open");
  expect(message).toContain("It ended with the end of the connection.");
});

it("a close reads again, also where a paused client has begun to close", async () => {
  client.pause();
  client.native.close(4001);
  expect((await client.close()).code).toBe(4001);
});

it("what was logged without a text is shown too", async () => {
  @WebSocketHandler("/ws")
  class Logging extends Echo {
    constructor(@InjectLogger() logger: Logger) {
      super();
      logger.warn({ reason: "only a field" });
    }
  }
  await using other = await startInMemoryApplication({ components: [Logging] });
  const { message } = await failureOf((await other.connect("/ws")).next({ timeoutMs: 5 }));
  expect(message).toMatch(/\n {2}warn: \{.*"reason":"only a field"\}\n/);
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
