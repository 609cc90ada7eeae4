import { WebSocketSessions } from "@vernal/websocket";
import { pino } from "pino";
import { Tickets } from "../src/ticket";
import { ExampleServer, tokens, wrongTokens } from "./example-server";

const path = (ticket: string): string => `/ws/ticket?ticket=${ticket}`;
const inAnHour = new Date(Math.ceil(Date.now() / 1000 + 3600) * 1000);

let server: ExampleServer;
beforeEach(async () => void (server = await ExampleServer.start()));
afterEach(() => server.close());

describe("a ticket in the address", () => {
  it("says who it is, and until when the login holds, which is longer than itself", async () => {
    const ticket = server.application.get(Tickets).issue("ada", inAnHour);
    const visitor = await server.connect(path(ticket));
    expect(await visitor.next()).toBe("Hello ada");
    const [session] = server.application.get(WebSocketSessions);
    expect(session?.expiresAt).toEqual(inAnHour);
    expect(tokens.verify(ticket, "ticket")!.expiresAt.getTime()).toBeLessThan(inAnHour.getTime());
  });

  it("comes from a route, for users only", async () => {
    expect((await server.post("/ticket")).status).toBe(401);
    const cookie = await server.login("ada");
    const { ticket } = (await (await server.post("/ticket", { cookie })).json()) as { ticket: string };
    const visitor = await server.connect(path(ticket));
    expect(await visitor.next()).toBe("Hello ada");
  });

  it("opens one session only", async () => {
    const ticket = server.application.get(Tickets).issue("ada", inAnHour);
    await server.connect(path(ticket));
    expect(await server.refusal(path(ticket))).toBe(401);
    const another = await server.connect(path(server.application.get(Tickets).issue("ada", inAnHour)));
    expect(await another.next()).toBe("Hello ada");
  });

  it("is needed: 401 without", async () => {
    expect(await server.refusal("/ws/ticket")).toBe(401);
    expect(await server.refusal(path(""))).toBe(401);
  });

  it.each(wrongTokens("ada", "ticket"))("with %s is 401", async (_, token) => {
    expect(await server.refusal(path(token))).toBe(401);
  });

  it("that is a token of another kind is 401", async () => {
    expect(await server.refusal(path(tokens.issue("ada", "chat", { seconds: 60 })))).toBe(401);
  });
});

test("no ticket stands in the log, also of a refusal", async () => {
  await server.close();
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  server = await ExampleServer.start({ options: { logger: pino({ level: "trace" }, { write }) } });
  const ticket = server.application.get(Tickets).issue("ada", inAnHour);
  const visitor = await server.connect(path(ticket));
  await server.refusal(path(ticket));
  await server.refusal(path(ticket), { headers: { Origin: "https://elsewhere.example" } });
  visitor.socket.close();
  await visitor.closed;
  await server.application.close();
  expect(lines.join("")).toContain("handshake refused");
  expect(lines.join("")).toContain("session ended");
  expect(lines.join("")).not.toContain(ticket);
});
