import { ExampleServer, tokens, wrongTokens } from "./example-server";

const PATH = "/ws/sub-protocol";
const bearer = (token: string): string => `bearer.${token}`;
const issue = (name: string, seconds = 60): string => tokens.issue(name, "chat", { seconds });

let server: ExampleServer;
beforeEach(async () => void (server = await ExampleServer.start()));
afterEach(() => server.close());

describe("a token among the sub-protocols", () => {
  it("says who it is, and does not come back", async () => {
    const cookie = await server.login("ada");
    const { token } = (await (await server.post("/token", { cookie })).json()) as { token: string };
    const visitor = await server.connect(PATH, { protocols: ["chat", bearer(token)] });
    expect(visitor.socket.protocol).toBe("chat");
    expect(await visitor.next()).toBe("Hello ada");
    expect(server.sendTo("ada", "for ada")).toBe(1);
    expect(await visitor.next()).toBe("for ada");
  });

  it("does not come back either where it stands first or a client offers it twice", async () => {
    const offers = [bearer(issue("ada")), "chat", bearer(issue("bob"))];
    const visitor = await server.connect(PATH, { protocols: offers });
    expect(visitor.socket.protocol).toBe("chat");
    expect(await visitor.next()).toBe("Hello ada");
  });

  it("is needed: 401 without", async () => {
    expect(await server.refusal(PATH, { protocols: ["chat"] })).toBe(401);
    expect(await server.refusal(PATH, { protocols: ["chat", issue("ada")] })).toBe(401);
    expect(await server.refusal(PATH)).toBe(401);
  });

  it.each(wrongTokens("ada", "chat"))("with %s is 401", async (_, token) => {
    expect(await server.refusal(PATH, { protocols: ["chat", bearer(token)] })).toBe(401);
  });

  it.each(["ticket", "cookie"] as const)("that is a %s is 401", async (audience) => {
    const token = tokens.issue("ada", audience, { seconds: 60 });
    expect(await server.refusal(PATH, { protocols: ["chat", bearer(token)] })).toBe(401);
  });

  it("is given to users only", async () => {
    expect((await server.post("/token")).status).toBe(401);
  });
});

describe("a token as a message", () => {
  it("renews the login", async () => {
    const visitor = await server.connect(PATH, { protocols: ["chat", bearer(issue("ada"))] });
    expect(await visitor.next()).toBe("Hello ada");
    const fresh = issue("ada", 3600);
    visitor.socket.send(bearer(fresh));
    const until = tokens.verify(fresh, "chat")!.expiresAt;
    expect(await visitor.next()).toBe(`renewed until ${until.toISOString()}`);
    visitor.socket.send("hello");
    expect(await visitor.next()).toBe("ada: hello");
  });

  it.each([...wrongTokens("ada", "chat"), ["another user", issue("bob")]])(
    "with %s closes with 1008",
    async (_, token) => {
      const visitor = await server.connect(PATH, { protocols: ["chat", bearer(issue("ada"))] });
      visitor.socket.send(bearer(token));
      expect(await visitor.closed).toEqual({ code: 1008, reason: "invalid token" });
    },
  );
});
