import { WebSocketSessions } from "@vernal/websocket";
import { MemoryStore } from "express-session";
import { ExampleServer } from "./example-server";

const PATH = "/ws/express-session";

let server: ExampleServer;
beforeEach(async () => void (server = await ExampleServer.start()));
afterEach(() => server.close());

describe("a session of express", () => {
  it("says who it is, and until when", async () => {
    const cookie = await server.login("ada");
    const visitor = await server.connect(PATH, { headers: { Cookie: cookie } });
    expect(await visitor.next()).toBe("Hello ada");
    const [session] = server.application.get(WebSocketSessions);
    expect(session?.expiresAt).toBeInstanceOf(Date);
    expect(session?.expiresAt?.getTime()).toBeGreaterThan(Date.now());
  });

  it("is needed: 401 without a cookie, with another one, and with one that was not signed here", async () => {
    expect(await server.refusal(PATH)).toBe(401);
    expect(await server.refusal(PATH, { headers: { Cookie: "theme=dark" } })).toBe(401);
    const [, id] = /connect\.sid=s%3A([^.]+)\./.exec(await server.login("ada")) ?? [];
    expect(id).toBeDefined();
    expect(await server.refusal(PATH, { headers: { Cookie: `connect.sid=s%3A${id}.forged` } })).toBe(401);
  });

  it("of somebody who has not logged in is 401", async () => {
    const visitor = await server.post("/token");
    expect(visitor.status).toBe(401);
    const cookie = visitor.headers.getSetCookie().join("; ");
    expect(await server.refusal(PATH, { headers: { Cookie: cookie } })).toBe(401);
  });

  it("from a page of another origin is 403, however right it is", async () => {
    const headers = { Cookie: await server.login("ada"), Origin: "https://elsewhere.example" };
    expect(await server.refusal(PATH, { headers })).toBe(403);
  });

  it("that has expired is 401", async () => {
    await server.close();
    server = await ExampleServer.start({ sessionMs: 0 });
    const cookie = await server.login("ada");
    expect(await server.refusal(PATH, { headers: { Cookie: cookie } })).toBe(401);
  });

  it("that cannot be read is 500", async () => {
    await server.close();
    const sessionStore = new MemoryStore();
    server = await ExampleServer.start({ sessionStore });
    const cookie = await server.login("ada");
    sessionStore.get = (_, callback) => callback(new Error("the store is down"));
    expect(await server.refusal(PATH, { headers: { Cookie: cookie } })).toBe(500);
  });

  it("that was ended is 401", async () => {
    const cookie = await server.login("ada");
    expect((await server.post("/logout", { cookie })).status).toBe(204);
    expect(await server.refusal(PATH, { headers: { Cookie: cookie } })).toBe(401);
  });
});
