import { ExampleServer, tokens } from "./example-server";

let server: ExampleServer;
beforeEach(async () => void (server = await ExampleServer.start()));
afterEach(() => server.close());

test("a logout closes all sessions of the user, and nobody else's", async () => {
  const cookie = await server.login("ada");
  const bearer = `bearer.${tokens.issue("ada", "chat", { seconds: 60 })}`;
  const { ticket } = (await (await server.post("/ticket", { cookie })).json()) as { ticket: string };
  const ofAda = await Promise.all([
    server.connect("/ws/sub-protocol", { protocols: ["chat", bearer] }),
    server.connect(`/ws/ticket?ticket=${ticket}`),
    server.connect("/ws/cookie", { headers: { Cookie: cookie } }),
    server.connect("/ws/express-session", { headers: { Cookie: cookie } }),
  ]);
  const ofBob = await server.connect("/ws/cookie", { headers: { Cookie: await server.login("bob") } });

  expect((await server.post("/logout", { cookie })).status).toBe(204);
  for (const each of ofAda) expect(await each.closed).toEqual({ code: 1008, reason: "logged out" });
  ofBob.socket.send("still here");
  expect(await ofBob.next()).toBe("Hello bob");
  expect(await ofBob.next()).toBe("bob: still here");
});

test("a logout of nobody is 401", async () => {
  expect((await server.post("/logout")).status).toBe(401);
});
