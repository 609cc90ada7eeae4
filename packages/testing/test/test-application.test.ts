import {
  Component,
  CloseStatus,
  refuse,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeHandler,
  type HandshakeRequest,
  type Principal,
  type Refusal,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import {
  startInMemoryApplication,
  startTestApplication,
  until,
  type RawConnection,
  type TestApplication,
  type TestClient,
} from "@vernal/testing";
import { TLS } from "./fixtures/tls";

@Component()
class Greetings {
  of(name: string): string {
    return `Hello ${name}`;
  }
}

class Login implements HandshakeHandler {
  determineUser({ headers }: HandshakeRequest): Principal | Refusal {
    const name = headers.get("x-user");
    return name === undefined ? refuse(401, "Who are you?") : { name };
  }
}

@WebSocketHandler("/ws/greet/{language}", { subProtocols: ["v1"], handshakeHandler: Login })
class GreetingHandler extends TextWebSocketHandler {
  constructor(private readonly greetings: Greetings) {
    super();
  }

  override async handleTextMessage(
    session: WebSocketSession<{ language: string }>,
    { payload }: TextMessage,
  ): Promise<void> {
    if (payload === "boom") throw new Error("boom on purpose");
    if (payload === "close") return session.close(new CloseStatus(4001, "as you wish"));
    const { language } = session.pathVariables;
    await session.sendMessage(
      JSON.stringify({ text: this.greetings.of(payload), language, user: session.principal?.name }),
    );
  }
}

const handshakes: HandshakeRequest[] = [];
const neverDecides: HandshakeHandler = {
  determineUser: (request) => {
    handshakes.push(request);
    return new Promise(() => {});
  },
};

@WebSocketHandler("/ws/never", { handshakeHandler: neverDecides })
class Never extends TextWebSocketHandler {}

class Echo extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message);
  }
}

/** Takes its time, a turn for each message. */
class Slow extends TextWebSocketHandler {
  readonly log: string[] = [];

  override async handleTextMessage(_session: WebSocketSession, { payload }: TextMessage): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.log.push(payload.trim());
  }

  override afterConnectionClosed(_session: WebSocketSession, status: CloseStatus): void {
    this.log.push(`closed ${status.code}`);
  }
}

const headers = { "X-User": "ada" };

describe.each([
  ["with a socket", startTestApplication],
  ["without a port", startInMemoryApplication],
])("an application %s", (_name, start: typeof startInMemoryApplication) => {
  let application: TestApplication;
  beforeEach(async () => {
    handshakes.length = 0;
    application = await start({ components: [GreetingHandler, Never], handlers: { "/ws/echo": new Echo() } });
  });
  afterEach(() => application.close());

  it("answers a client over its real handshake", async () => {
    const client = await application.connect("/ws/greet/en?x=1", { headers, subProtocols: ["v2", "v1"] });
    client.send("Ada");
    expect(await client.nextJson()).toEqual({ text: "Hello Ada", language: "en", user: "ada" });
    expect(client.acceptedProtocol).toBe("v1");
    expect(client.handshakeHeaders.upgrade).toBe("websocket");
    const [session] = application.get(WebSocketSessions);
    expect([session!.uri.searchParams.get("x"), session!.remoteAddress?.address]).toEqual(["1", "127.0.0.1"]);
    expect(application.stats().openSessions).toBe(1);
  });

  it("gives a refusal as the server has written it", async () => {
    expect(await application.refusal("/ws/greet/en")).toMatchObject({ status: 401, body: "Who are you?" });
    const origin = "https://evil.example";
    expect(await application.refusal("/ws/echo", { origin })).toMatchObject({ status: 403 });
    expect(await application.refusal("/ws/nowhere")).toMatchObject({ status: 404 });
  });

  it("fails a connect that is refused with the answer, and a refusal that is none", async () => {
    await expect(application.connect("/ws/greet/en")).rejects.toMatchObject({
      code: "VERNAL_TEST_HANDSHAKE_REFUSED",
      answer: { status: 401 },
      message: expect.stringContaining('answered with 401 Unauthorized and "Who are you?"') as string,
    });
    await expect(application.refusal("/ws/echo")).rejects.toMatchObject({
      code: "VERNAL_TEST_NOT_REFUSED",
    });
    await until("the session to end", () => application.stats().openSessions === 0);
  });

  it.each([
    [() => application.connect("ws/echo"), 'connect("ws/echo") got "ws/echo". Give it the path and query'],
    [() => application.connect("ws://localhost/ws/echo"), 'connect("ws://localhost/ws/echo") got'],
    [() => application.refusal("/ws/echo#part"), 'refusal("/ws/echo#part") got'],
    [
      () => application.connect("/ws/echo", { subProtocols: ["a", "b", "a"] }),
      'subProtocols of connect("/ws/echo") got "a". Give it names without spaces and commas, each once',
    ],
    [() => application.connect("/ws/echo", { subProtocols: ["a b"] }), 'got "a b"'],
    [
      () => application.connect("/ws/echo", { headers: { "X-User": "a\r\nb" } }),
      'connect("/ws/echo") cannot be written as a request: Invalid character in header content',
    ],
  ])("says what no request can hold: %p", async (connect, text) => {
    await expect(connect()).rejects.toMatchObject({
      code: "VERNAL_TEST_INVALID_ARGUMENT",
      message: expect.stringContaining(text) as string,
    });
    expect(application.stats().openedSessions).toBe(0);
  });

  it("says why a handshake has led to nothing", async () => {
    await expect(application.connect("/ws/echo", { subProtocols: ["unknown"] })).rejects.toMatchObject({
      code: "VERNAL_TEST_NO_HANDSHAKE",
      message: expect.stringMatching(
        /^\[\w+\] connect\("\/ws\/echo"\) .* offer what the handler supports/,
      ) as string,
    });
  });

  it("lets a handshake that still waits be refused when it closes", async () => {
    const waiting = application.connect("/ws/never");
    await Promise.all([
      expect(waiting).rejects.toMatchObject({
        code: "VERNAL_TEST_HANDSHAKE_REFUSED",
        answer: { status: 503 },
      }),
      until("the handshake", () => handshakes.length > 0).then(() => application.close()),
    ]);
  });

  it.each<[string, (connection: RawConnection) => void]>([
    ["ends", (connection) => connection.finish()],
    ["is destroyed", (connection) => connection.destroy()],
    ["is reset", (connection) => connection.reset()],
  ])("tells the application where a client %s in the middle of its handshake", async (_how, leave) => {
    const connection = await application.openConnection();
    const answer = expect(connection.upgrade("/ws/never")).rejects.toMatchObject({
      code: "VERNAL_TEST_ENDED",
    });
    await until("the handshake", () => handshakes.length === 1);
    leave(connection);
    await until("the signal", () => handshakes[0]!.signal.aborted);
    await answer;
  });

  it("tells how a session ended, whoever ended it", async () => {
    const [one, other, third] = await Promise.all(
      [1, 2, 3].map(() => application.connect("/ws/greet/en", { headers })),
    );
    one!.send("close");
    expect(String(await one!.closed())).toBe("4001 as you wish");
    expect((await other!.close(new CloseStatus(4002))).code).toBe(4002);
    expect((await other!.close()).code).toBe(4002);
    third!.terminate();
    expect((await third!.closed()).code).toBe(1006);
    await until("the ends", () => application.stats().openSessions === 0);
    expect(application.stats().closesByCode).toEqual({ 1006: 1, 4001: 1, 4002: 1 });
  });

  it("cuts a connection so that the server sees a reset", async () => {
    const client = await application.connect("/ws/echo");
    client.reset();
    await until("the end", () => application.stats().closesByCode[1006] === 1);
    expect((await client.closed()).code).toBe(1006);
  });

  it("closes with 1001 for the clients, and leaves nothing open", async () => {
    const [client, paused, cut] = await Promise.all([1, 2, 3].map(() => application.connect("/ws/echo")));
    const raw = await application.openConnection();
    paused!.pause();
    await application.close();
    expect((await client!.closed()).code).toBe(1001);
    expect((await paused!.closed()).code).toBe(1006);
    expect((await cut!.closed()).code).toBe(1001);
    expect(raw.isEnded).toBe(true);
    for (const late of [
      application.connect("/ws/echo"),
      application.refusal("/ws/echo"),
      application.openConnection(),
    ]) {
      await expect(late).rejects.toMatchObject({ code: "VERNAL_TEST_APPLICATION_CLOSED" });
    }
  });

  it("takes a burst of one turn in as many reads as the limits of a session allow", async () => {
    const handler = new Slow();
    const limits = { maxMessageBytes: 4096, maxPendingBytes: 8192 } as const;
    await using small = await start({ handlers: { "/ws": handler }, ...limits });
    const client = await small.connect("/ws");
    // A megabyte: ten times of what may wait before it is taken for an attack.
    for (let index = 0; index < 500; index += 1) client.send(`${index}`.padEnd(2000));
    await until("all of them", () => handler.log.length === 500);
    expect(handler.log.slice(-2)).toEqual(["498", "499"]);
    expect(small.stats()).toMatchObject({ openSessions: 1, closesByCode: {} });
  });

  it("delivers what was sent in the turn of a terminate", async () => {
    const handler = new Slow();
    await using other = await start({ handlers: { "/ws": handler } });
    const client = await other.connect("/ws");
    for (const text of ["last", "words"]) client.send(text);
    client.terminate();
    await until("the end", () => handler.log.length === 3);
    expect(handler.log).toEqual(["last", "words", "closed 1006"]);
  });

  it("tells a handler of no error where its last answer finds nobody", async () => {
    const failures: Error[] = [];
    class Watching extends Slow {
      override handleTransportError(_session: WebSocketSession, error: Error): void {
        failures.push(error);
      }
    }
    const handler = new Watching();
    await using other = await start({ handlers: { "/ws": handler } });
    const client = await other.connect("/ws");
    const session = other.sessionOf(client);
    client.terminate();
    expect(await session.sendMessage("anybody?")).toBe(true);
    await until("the end", () => handler.log.length === 1);
    expect([handler.log, failures]).toEqual([["closed 1006"], []]);
  });

  it("is closed by await using", async () => {
    let used: TestApplication;
    {
      await using declared = await start({ handlers: { "/ws": new Echo() } });
      used = declared;
      await using client = await declared.connect("/ws");
      client.send("x");
      expect(await client.next()).toBe("x");
    }
    expect(used.stats()).toMatchObject({ openSessions: 0, closesByCode: { 1005: 1 } });
    await expect(used.connect("/ws")).rejects.toMatchObject({ code: "VERNAL_TEST_APPLICATION_CLOSED" });
  });

  it("puts overrides in place of providers and components", async () => {
    await using replaced = await start({
      components: [GreetingHandler],
      overrides: [{ token: Greetings, useValue: { of: () => "Moin" } }],
    });
    const client = await replaced.connect("/ws/greet/de", { headers });
    client.send("Ada");
    expect(await client.nextJson()).toMatchObject({ text: "Moin" });
  });

  it("makes a message of a thousand, and of 10 000 bytes, and keeps their order", async () => {
    const client = await application.connect("/ws/echo");
    const texts = Array.from({ length: 200 }, (_, index) => `${index}`.padEnd(index % 5 === 0 ? 10_000 : 5));
    for (const text of texts) client.send(text);
    for (const text of texts) expect(await client.nextText()).toBe(text);
  });

  it("keeps the log, and says in a failure what was logged and how it ended", async () => {
    const client = await application.connect("/ws/greet/en", { headers });
    client.send("Ada");
    await client.next();
    client.send("boom");
    const error = await client.next().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "VERNAL_TEST_ENDED" });
    expect((error as Error).message).toContain("next() of the client of /ws/greet/en waited");
    expect((error as Error).message).toContain("It ended with 1011.");
    expect((error as Error).message).toContain(
      "error: a callback failed, the session closes: Error: boom on purpose",
    );
    expect((error as Error).message).toContain("Hello Ada");
    expect(application.log.some(({ msg }) => msg === "a callback failed, the session closes")).toBe(true);
  });

  it("counts the addresses of clients", async () => {
    await using limited = await start({ handlers: { "/ws": new Echo() }, maxConnectionsPerAddress: 1 });
    await limited.connect("/ws");
    expect(await limited.refusal("/ws")).toMatchObject({ status: 429 });
    await limited.connect("/ws", { remoteAddress: "127.0.0.2" });
  });

  it("stops what is sent where a client does not read, and goes on when it does", async () => {
    await using small = await start({ handlers: { "/ws": new Echo() }, maxMessageBytes: 1_000_000 });
    const client = await small.connect("/ws");
    const [session] = small.get(WebSocketSessions);
    client.pause();
    const chunk = "x".repeat(100_000);
    let last: Promise<boolean> | undefined;
    await until("a send to wait", () => {
      last = session!.sendMessage(chunk);
      return session!.bufferedAmount > 200_000;
    });
    client.resume();
    expect(await last).toBe(true);
    await until("all to be read", () => session!.bufferedAmount === 0);
  });
});

describe.each([
  ["with a socket", startTestApplication],
  ["without a port", startInMemoryApplication],
])("the server's end of a client is its own, %s,", (_name, start: typeof startInMemoryApplication) => {
  it("also behind a proxy, whose address and port are no client's", async () => {
    const options = { trustedProxies: ["127.0.0.0/8"], maxConnectionsPerAddress: false } as const;
    await using application = await start({ handlers: { "/ws": new Echo() }, ...options });
    const forwarded = { "X-Forwarded-For": "203.0.113.7" };
    const one = await application.connect("/ws?one", { headers: forwarded });
    const other = await application.connect("/ws?other", { headers: forwarded });
    expect(application.sessionOf(one).remoteAddress).toMatchObject({ address: "203.0.113.7" });
    expect([one, other].map((client) => application.sessionOf(client).uri.search)).toEqual([
      "?one",
      "?other",
    ]);
  });

  it("and never that of another application's client", async () => {
    await using application = await start({ handlers: { "/ws": new Echo() } });
    await using another = await start({ handlers: { "/ws": new Echo() } });
    await another.connect("/ws");
    const client = await application.connect("/ws");
    expect(() => another.sessionOf(client)).toThrow("[VERNAL_TEST_NO_SESSION]");
  });
});

it("tells clients of one port apart, which come from different addresses", async () => {
  await using application = await startTestApplication({ handlers: { "/ws": new Echo() } });
  const clients: TestClient[] = [];
  const ports = new Set<number>();
  // The system counts the ports of each address by itself, so they meet before long.
  while (clients.length === ports.size && clients.length < 2000) {
    const remoteAddress = clients.length % 2 === 0 ? "127.0.0.1" : "127.0.0.2";
    const client = await application.connect(`/ws?${clients.length}`, { remoteAddress });
    clients.push(client);
    ports.add(client.port);
  }
  expect(clients.map((client) => application.sessionOf(client).uri.search)).toEqual(
    clients.map(({ path }) => path.slice("/ws".length)),
  );
});

it("takes an option that is undefined for one that is not given", async () => {
  for (const start of [startTestApplication, startInMemoryApplication]) {
    const options = { port: undefined, host: undefined, logger: undefined, drainTimeoutMs: undefined };
    await using application = await start({ handlers: { "/ws": new Echo() }, ...options });
    expect(application.url).toMatch(/^ws:\/\/(127\.0\.0\.1:\d+|localhost)$/);
    expect(application.url).not.toMatch(/:8080$/);
    expect(application.log.map(({ msg }) => msg)).toContainEqual(expect.stringContaining("/ws -> Echo"));
  }
});

it("rejects where the application cannot start", async () => {
  for (const start of [startTestApplication, startInMemoryApplication]) {
    await expect(start({ handlers: { "/ws/{": new Echo() } })).rejects.toMatchObject({
      code: "VERNAL_BOOT_FAILED",
    });
  }
});

it("speaks TLS where it is told to, with a certificate that nobody trusts, and answers plain requests", async () => {
  await using application = await startTestApplication({
    handlers: { "/ws": new Echo() },
    tls: TLS,
    requestListener: (_request, response) => response.end("a page"),
  });
  expect(application.url).toBe(`wss://127.0.0.1:${application.application.port}`);
  const client = await application.connect("/ws");
  client.send("x");
  expect(await client.next()).toBe("x");
  expect(application.sessionOf(client).uri.protocol).toBe("wss:");
  await client.roundTrip();
  const raw = await application.openConnection();
  raw.write("GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n");
  expect(await raw.answer()).toMatchObject({ status: 200, body: "a page" });
});

it.each([{}, { tls: TLS }])("says what was called where no connection opens, with %p", async (options) => {
  await using application = await startTestApplication({ handlers: { "/ws": new Echo() }, ...options });
  // An address of documentation, which no machine has.
  const remoteAddress = "192.0.2.1";
  await expect(application.connect("/ws", { remoteAddress })).rejects.toMatchObject({
    code: "VERNAL_TEST_NO_HANDSHAKE",
    message: expect.stringMatching(
      /connect\("\/ws"\) .* Give it a remoteAddress that this machine has/,
    ) as string,
  });
  await expect(application.openConnection({ remoteAddress })).rejects.toMatchObject({
    code: "VERNAL_TEST_NO_HANDSHAKE",
    message: expect.stringContaining("openConnection() ") as string,
  });
});

it("says where a remote address is none", async () => {
  await using application = await startTestApplication({ handlers: { "/ws": new Echo() } });
  for (const call of [
    application.connect("/ws", { remoteAddress: "bogus" }),
    application.refusal("/ws", { remoteAddress: "" }),
    application.openConnection({ remoteAddress: "127.0.0.1:80" }),
  ]) {
    await expect(call).rejects.toMatchObject({
      code: "VERNAL_TEST_INVALID_ARGUMENT",
      message: expect.stringMatching(/remoteAddress of \w+\(.*\) got "/) as string,
    });
  }
});
