import { startTestApplication, until, type TestApplication, type TestClient } from "@vernal/testing";
import {
  CloseStatus,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeHandler,
  type Principal,
  type WebSocketSession,
} from "../src/index";
import * as frame from "../src/engine/connection/frame";

const byQuery: HandshakeHandler = {
  determineUser(request) {
    const name = request.uri.searchParams.get("user");
    return name === null ? undefined : { name };
  },
};

/** Joins the groups that the query names. */
@WebSocketHandler(["/ws/rooms/{room}", "/ws/news"], { handshakeHandler: byQuery })
class Joiner extends TextWebSocketHandler {
  readonly ended: { readonly groups: string[]; readonly indexed: boolean }[] = [];
  application!: TestApplication;

  override afterConnectionEstablished(session: WebSocketSession<object>): void {
    for (const group of session.uri.searchParams.getAll("group")) session.join(group);
  }

  override afterConnectionClosed(session: WebSocketSession<object>): void {
    const sessions = this.application.get(WebSocketSessions);
    const sets = [...session.groups].map((group) => sessions.ofGroup(group));
    const indexed =
      sessions.get(session.id) !== undefined ||
      sets.some((set) => (set as ReadonlySet<unknown>).has(session));
    this.ended.push({ groups: [...session.groups], indexed });
  }
}

let handler: Joiner;
let application: TestApplication;
let sessions: WebSocketSessions;
let broadcaster: WebSocketBroadcaster;

beforeEach(async () => {
  application = await startTestApplication({ components: [Joiner] });
  handler = application.get(Joiner);
  handler.application = application;
  sessions = application.get(WebSocketSessions);
  broadcaster = application.get(WebSocketBroadcaster);
});

afterEach(() => application.close());

const open = (path: string): Promise<TestClient> => application.connect(path);

describe("WebSocketSessions", () => {
  it("finds open sessions by id, path, user and group, and iterates in the order of opening", async () => {
    await open("/ws/rooms/a?group=red&user=kim");
    await open("/ws/rooms/b?group=red&group=blue");
    await open("/ws/news?user=kim");
    const [first, second, third] = [...sessions];
    expect(sessions.size).toBe(3);
    expect(sessions.get(first!.id)).toBe(first);
    expect(sessions.get("nobody")).toBeUndefined();
    expect([...sessions.ofPath("/ws/rooms/{room}")]).toEqual([first, second]);
    expect([...sessions.ofUser("kim")]).toEqual([first, third]);
    expect([...sessions.ofGroup("red")]).toEqual([first, second]);
    expect([...sessions.ofGroup("blue")]).toEqual([second]);
    expect(sessions.ofGroup("green").size).toBe(0);
    expect(first!.principal).toEqual({ name: "kim" });
    expect(first!.pathVariables).toEqual({ room: "a" });
  });

  it("gives every session a random UUID", async () => {
    await open("/ws/news");
    await open("/ws/news");
    const ids = [...sessions].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("loses a session when it ends, before afterConnectionClosed; nothing of it stays", async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        open(`/ws/rooms/${index % 3}?group=g${index % 4}&group=all&user=u${index % 5}`),
      ),
    );
    expect(sessions.size).toBe(20);
    clients.forEach(({ native }, index) => (index % 2 === 0 ? native.close() : native.terminate()));
    await until("twenty ends", () => handler.ended.length === 20);
    expect(handler.ended.map(({ indexed }) => indexed)).toEqual(Array(20).fill(false));
    expect(sessions.size).toBe(0);
    expect((sessions as unknown as { entries: number }).entries).toBe(0);
  });

  it("lets a session join and leave; joining twice is joining once", async () => {
    await open("/ws/news");
    const [session] = sessions;
    session!.join("a");
    session!.join("a");
    session!.join("b");
    session!.leave("b");
    session!.leave("never joined");
    expect([...session!.groups]).toEqual(["a"]);
    expect(sessions.ofGroup("b").size).toBe(0);
    expect(() => session!.join("")).toThrow(
      expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error,
    );
  });

  it("follows authenticate: another user, none, and nothing after the end", async () => {
    const client = await open("/ws/news?user=kim");
    const [session] = sessions;
    const soon = new Date(Date.now() + 60_000);
    session!.authenticate({ name: "lee", expiresAt: soon });
    expect([sessions.ofUser("kim").size, sessions.ofUser("lee").size]).toEqual([0, 1]);
    expect([session!.principal?.name, session!.expiresAt]).toEqual(["lee", soon]);
    session!.authenticate({ name: "lee" }, { expiresAt: new Date(0) });
    expect([sessions.ofUser("lee").size, session!.expiresAt]).toEqual([1, new Date(0)]);
    expect(() => session!.authenticate({} as Principal)).toThrow(
      expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error,
    );
    for (const wrong of [{ expiresAt: "tomorrow" }, { expiresAt: 5 }]) {
      expect(() => session!.authenticate({ name: "x" }, wrong as unknown as { expiresAt: Date })).toThrow(
        expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error,
      );
    }
    expect([sessions.ofUser("lee").size, sessions.ofUser("x").size]).toEqual([1, 0]);
    session!.authenticate(undefined, null as never);
    expect([sessions.ofUser("lee").size, session!.principal]).toEqual([0, undefined]);
    session!.authenticate({ name: "kim" });
    await client.close();
    await until("the end", () => handler.ended.length === 1);
    session!.authenticate({ name: "late" });
    expect((sessions as unknown as { entries: number }).entries).toBe(0);
  });

  it("leaves no entry behind where the application changes the name of its own principal", async () => {
    const client = await open("/ws/news?user=kim");
    const [session] = sessions;
    (session!.principal as { name: string }).name = "renamed";
    await client.close();
    await until("the end", () => handler.ended.length === 1);
    expect((sessions as unknown as { entries: number }).entries).toBe(0);
  });

  it("can be refreshed in a loop over the sessions of a user", async () => {
    await open("/ws/news?user=kim");
    await open("/ws/news?user=kim");
    let turns = 0;
    for (const session of sessions.ofUser("kim")) {
      session.authenticate({ name: "kim" }, { expiresAt: new Date(Date.now() + 60_000) });
      turns += 1;
      if (turns > 10) break;
    }
    expect(turns).toBe(2);
  });

  it("takes no group of a session that has ended, and keeps those it had readable", async () => {
    const client = await open("/ws/news?group=a");
    const [session] = sessions;
    await client.close();
    await until("the end", () => handler.ended.length === 1);
    session!.join("late");
    session!.leave("a");
    expect([...session!.groups]).toEqual(["a"]);
    expect(sessions.ofGroup("late").size).toBe(0);
    expect(sessions.ofGroup("a").size).toBe(0);
    expect(handler.ended).toEqual([{ groups: ["a"], indexed: false }]);
  });
});

describe("WebSocketBroadcaster", () => {
  it("sends to all, a path, a user and a group, less the excepted, and tells to how many", async () => {
    const a = await open("/ws/rooms/a?group=red&user=kim");
    const b = await open("/ws/rooms/b?group=red");
    const c = await open("/ws/news?user=kim");
    const [sessionA, sessionB] = [...sessions];
    expect(broadcaster.toAll().send("all")).toBe(3);
    expect(broadcaster.toPath("/ws/rooms/{room}").send("rooms")).toBe(2);
    expect(broadcaster.toUser("kim").send("kim")).toBe(2);
    expect(broadcaster.toGroup("red").except(sessionA!).send("red but a")).toBe(1);
    expect(broadcaster.toAll().except(sessionA!.id).except(sessionB!).send("only c")).toBe(1);
    expect(broadcaster.toGroup("nobody").send("x")).toBe(0);
    expect(broadcaster.toAll().send(Buffer.from("end"))).toBe(3);
    const end = Buffer.from("end");
    await until("all messages", () => [a, b, c].every(({ received }) => received.at(-1) instanceof Buffer));
    expect(a.received).toEqual(["all", "rooms", "kim", end]);
    expect(b.received).toEqual(["all", "rooms", "red but a", end]);
    expect(c.received).toEqual(["all", "kim", "only c", end]);
  });

  it("encodes once per broadcast, whatever the number of recipients", async () => {
    const clients = await Promise.all(Array.from({ length: 25 }, () => open("/ws/news")));
    const encodes = jest.spyOn(frame, "encodeFrame");
    expect(broadcaster.toAll().send("once")).toBe(25);
    expect(encodes).toHaveBeenCalledTimes(1);
    encodes.mockRestore();
    await until("25 messages", () => clients.every(({ received }) => received[0] === "once"));
  });

  it("closes sessions, and neither sends to nor counts those that are closing", async () => {
    const a = await open("/ws/news?group=out");
    const b = await open("/ws/news");
    expect(broadcaster.toGroup("out").close(new CloseStatus(4010, "out"))).toBe(1);
    expect(broadcaster.toGroup("out").close(new CloseStatus(4011))).toBe(0);
    expect(broadcaster.toAll().send("still here")).toBe(1);
    expect(await a.closed()).toEqual(new CloseStatus(4010, "out"));
    expect(await b.next()).toBe("still here");
    expect(a.received).toEqual([]);
  });

  it("throws for anything that is no message, also with nobody to send it to", () => {
    expect(() => broadcaster.toGroup("nobody").send(7 as unknown as string)).toThrow(
      expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error,
    );
  });
});
