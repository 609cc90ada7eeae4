import { ExampleServer, tokens } from "./example-server";

// Expiry is told in whole seconds, so this is at least one.
const SECONDS = 2;
const LIMIT_MS = 20_000;

let server: ExampleServer;
beforeEach(async () => void (server = await ExampleServer.start()));
afterEach(() => server.close());

test(
  "a session ends when its token does, and one that was renewed goes on",
  async () => {
    const token = tokens.issue("ada", "chat", { seconds: SECONDS });
    const attempt = { protocols: ["chat", `bearer.${token}`] };
    const renewed = await server.connect("/ws/sub-protocol", attempt);
    const other = await server.connect("/ws/sub-protocol", attempt);
    expect(await renewed.next()).toBe("Hello ada");
    renewed.socket.send(`bearer.${tokens.issue("ada", "chat", { seconds: 3600 })}`);
    expect(await renewed.next()).toMatch(/^renewed until /);

    expect(await other.closed).toEqual({ code: 1008, reason: "Authentication expired" });
    renewed.socket.send("still here");
    expect(await renewed.next()).toBe("ada: still here");
    expect(server.sendTo("ada", "to whoever is left")).toBe(1);
  },
  LIMIT_MS,
);

test(
  "a session of a cookie ends with it too",
  async () => {
    const token = tokens.issue("ada", "cookie", { seconds: SECONDS });
    const visitor = await server.connect("/ws/cookie", { headers: { Cookie: `token=${token}` } });
    expect((await visitor.closed).code).toBe(1008);
  },
  LIMIT_MS,
);
