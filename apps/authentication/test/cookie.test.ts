import { ExampleServer, tokens, wrongTokens } from "./example-server";

const PATH = "/ws/cookie";
const issue = (name: string): string => tokens.issue(name, "cookie", { seconds: 60 });
const withToken = (token: string): { Cookie: string } => ({ Cookie: `theme=dark; token=${token}` });

let server: ExampleServer;
beforeEach(async () => void (server = await ExampleServer.start()));
afterEach(() => server.close());

describe("a token in a cookie", () => {
  it("says who it is", async () => {
    const visitor = await server.connect(PATH, { headers: { Cookie: await server.login("ada") } });
    expect(await visitor.next()).toBe("Hello ada");
  });

  it("cannot be read by scripts, and is not sent along by other sites", async () => {
    const response = await server.post("/login", { body: { name: "ada", password: "password of ada" } });
    const set = response.headers.getSetCookie().find((each) => each.startsWith("token="));
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Lax/);
  });

  it("is needed: 401 without", async () => {
    expect(await server.refusal(PATH)).toBe(401);
    expect(await server.refusal(PATH, { headers: { Cookie: "theme=dark" } })).toBe(401);
  });

  it.each(wrongTokens("ada", "cookie"))("with %s is 401", async (_, token) => {
    expect(await server.refusal(PATH, { headers: withToken(token) })).toBe(401);
  });

  it("that is a token of another kind is 401", async () => {
    const token = tokens.issue("ada", "chat", { seconds: 60 });
    expect(await server.refusal(PATH, { headers: withToken(token) })).toBe(401);
  });

  it.each(["https://elsewhere.example", "http://localhost", "null"])(
    "from a page of %s is 403, however right it is",
    async (origin) => {
      const headers = { ...withToken(issue("ada")), Origin: origin };
      expect(await server.refusal(PATH, { headers })).toBe(403);
    },
  );
});

test("a wrong password is 401 and sets nothing", async () => {
  for (const body of [{ name: "ada", password: "wrong" }, { name: "ada" }, {}, undefined]) {
    const response = await server.post("/login", body === undefined ? {} : { body });
    expect(response.status).toBe(401);
    expect(response.headers.getSetCookie()).toEqual([]);
  }
});
