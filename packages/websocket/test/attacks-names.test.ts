import {
  CloseStatus,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeHandler,
  type HandshakeRequest,
  type Principal,
  type TextMessage,
  type WebSocketApplication,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { connectClient } from "./harness/client";
import { leave, openRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";
import { until } from "./harness/until";

const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

const userOfQuery: HandshakeHandler = {
  determineUser(request: HandshakeRequest): Principal | undefined {
    const name = request.uri.searchParams.get("user");
    return name === null ? undefined : { name };
  },
};

const attributes: unknown[] = [];

/** Does what its peer names: every name there is comes from outside. */
@WebSocketHandler(["/named/{name}", "/__proto__", "/constructor"], { handshakeHandler: userOfQuery })
class Obedient extends TextWebSocketHandler {
  override handleTextMessage(session: WebSocketSession<object>, message: TextMessage): void {
    const name = message.payload;
    session.join(name);
    const all = session.attributes as unknown as Map<string, unknown>;
    attributes.push(all.get(name));
    all.set(name, "an attribute");
    const variables = session.pathVariables as Readonly<Record<string, string>>;
    void session.sendMessage(
      JSON.stringify([
        variables["name"],
        session.principal?.name,
        session.handshakeHeaders.get(name) ?? null,
      ]),
    );
  }
}

const { logger, lines } = recordingLogger("trace");
let application: WebSocketApplication;

beforeAll(async () => {
  application = await startApplication({ components: [Obedient], logger });
});
beforeEach(() => {
  lines.length = 0;
});
afterAll(closeApplications);

const isUntouched = (): boolean =>
  Object.keys(Object.prototype).length === 0 && ({} as { polluted?: unknown }).polluted === undefined;

describe.each(NAMES)("the name %s", (name) => {
  it("is a name like any other: of a user, a group, a variable, an attribute, a header", async () => {
    const sessions = application.get(WebSocketSessions);
    const broadcaster = application.get(WebSocketBroadcaster);
    const url = `${application.url}/named/${name}?user=${name}&${name}=polluted`;
    expect([...sessions.ofUser(name)]).toEqual([]);
    expect([...sessions.ofGroup(name)]).toEqual([]);
    expect(broadcaster.toUser(name).send("nobody")).toBe(0);
    expect(broadcaster.toPath(name).send("nobody")).toBe(0);
    attributes.length = 0;

    const client = await connectClient(url, { headers: { [name]: "a header" } });
    client.send(name);
    expect(JSON.parse((await client.next()) as string)).toEqual([
      name,
      name,
      // Which Node drops.
      name === "__proto__" ? null : "a header",
    ]);
    expect(attributes).toEqual([undefined]);
    expect(sessions.get(name)).toBeUndefined();
    expect(broadcaster.toUser(name).send("to the user")).toBe(1);
    expect(broadcaster.toGroup(name).send("to the group")).toBe(1);
    expect([await client.next(), await client.next()]).toEqual(["to the user", "to the group"]);

    await client.close();
    await until("the end", () => sessions.size === 0);
    expect([...sessions.ofUser(name), ...sessions.ofGroup(name)]).toEqual([]);
    expect(isUntouched()).toBe(true);
  });

  it("as a path is found only where a handler has it", async () => {
    const isMapped = name === "__proto__" || name === "constructor";
    const connection = await openRaw(application.port);
    connection.write(upgradeRequest(`/${name}`));
    expect((await connection.answer()).status).toBe(isMapped ? 101 : 404);
    if (isMapped) {
      const { openSessionsByPath } = application.stats();
      expect(Object.entries(openSessionsByPath)).toContainEqual([`/${name}`, 1]);
    }
    await leave(connection);
    await until("the end", () => application.stats().openSessions === 0);
    expect(isUntouched()).toBe(true);
  });
});

describe("control characters of a peer", () => {
  const newlines = (): string[] =>
    lines.map((line) => Object.values(line).join(" ")).filter((line) => /\p{Cc}/u.test(line));

  it("stand in no line about a refusal, neither from a path nor from an origin", async () => {
    const refused = [
      upgradeRequest("/none/%0d%0aforged"),
      upgradeRequest("/none/%1b%5b2J"),
      upgradeRequest("/%zz%00"),
      upgradeRequest("/named/a", ["Origin: http://a\u0085.example"]),
    ];
    for (const request of refused) await answerAndEnd(application.port, request);
    // Raw ones are malformed for Node already.
    const raw = await openRaw(application.port);
    raw.write(upgradeRequest("/none/\u009b31mred\u0085"));
    expect((await raw.answer()).status).toBe(400);
    await leave(raw);
    expect(lines.filter(({ msg }) => msg.startsWith("handshake refused"))).toHaveLength(4);
    expect(newlines()).toEqual([]);
  });

  it("stand in no line about a session, whatever its variable, its user and its close reason are", async () => {
    const evil = encodeURIComponent("x\r\n\u001b[2Jforged");
    const client = await connectClient(`${application.url}/named/${evil}?user=${evil}`);
    client.send("x\r\n\u001b[2Jforged");
    await client.next();
    await client.close(new CloseStatus(4000, "y\r\n\u001b[2Jforged"));
    await until("the end", () => application.stats().openSessions === 0);
    expect(lines.map(({ msg }) => msg)).toContain("session ended");
    expect(newlines()).toEqual([]);
    expect(JSON.stringify(lines)).not.toContain("forged");
  });
});
