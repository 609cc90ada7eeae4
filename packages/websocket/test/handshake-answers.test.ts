import {
  Configuration,
  EnableWebSocket,
  refuse,
  TextWebSocketHandler,
  type HandshakeHandler,
  type HandshakeInterceptor,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
} from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { upgradeRaw, upgradeRequest } from "./harness/raw-connection";
import { answerAndEnd } from "./harness/refusal";

type Before = HandshakeInterceptor["beforeHandshake"];
type Case<T> = [name: string, path: string, act: T];

const fail = (): never => {
  throw new Error("it broke");
};
/** What JavaScript may return, whatever the types say. */
const returns = (answer: unknown) => () => answer as undefined;
const never = new Promise<undefined>(() => {});

const wrongAnswers: readonly Case<Before>[] = [
  ["throws", "/throws", fail],
  ["rejects", "/rejects", () => Promise.reject(new Error("it broke"))],
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- users do it
  ["rejects with nothing", "/rejects-nothing", () => Promise.reject()],
  ["returns true", "/true", returns(true)],
  ["returns false", "/false", returns(false)],
  ["returns null", "/null", returns(null)],
  ["returns a number", "/number", returns(403)],
  ["returns an object like a refusal", "/alike", returns({ status: 403, body: "", headers: {} })],
  ["promises true", "/promises-true", returns(Promise.resolve(true))],
  ["refuses with a status that is none", "/refuses-badly", () => refuse(200)],
  ["refuses with a header that would split the answer", "/splits", () => refuse(401, "", { a: "b\r\nc: d" })],
  [
    "refuses with a header that frames the answer",
    "/frames",
    () => refuse(401, "", { "content-length": "9" }),
  ],
];
const wrongProtocols: readonly Case<HandshakeHandler["selectProtocol"]>[] = [
  ["throws", "/protocol/throws", fail],
  ["picks what was not offered", "/protocol/other", () => "other"],
  ["picks in another case", "/protocol/case", () => "CHAT"],
  ["returns null", "/protocol/null", returns(null)],
  ["returns a list", "/protocol/list", returns(["chat"])],
];
const wrongUsers: readonly Case<HandshakeHandler["determineUser"]>[] = [
  ["throws", "/user/throws", fail],
  ["rejects", "/user/rejects", () => Promise.reject(new Error("it broke"))],
  ["returns null", "/user/null", returns(null)],
  ["returns a string", "/user/string", returns("ada")],
  ["returns an object without a name", "/user/nameless", returns({ id: 1 })],
  ["returns false", "/user/false", returns(false)],
];
const refusals: readonly Case<Before>[] = [
  ["at once", "/refuses", () => refuse(401, "Wer da? Ünbekannt.", { "WWW-Authenticate": "Bearer" })],
  [
    "later",
    "/refuses-later",
    async () => refuse(401, "Wer da? Ünbekannt.", { "WWW-Authenticate": "Bearer" }),
  ],
];

class Quiet extends TextWebSocketHandler {}

@Configuration()
@EnableWebSocket()
class Endpoints implements WebSocketConfigurer {
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    const add = (path: string) => registry.addHandler(new Quiet(), path);
    for (const [, path, beforeHandshake] of [...wrongAnswers, ...refusals]) {
      add(path).addInterceptors({ beforeHandshake });
    }
    for (const [, path, selectProtocol] of wrongProtocols) add(path).setHandshakeHandler({ selectProtocol });
    for (const [, path, determineUser] of wrongUsers) add(path).setHandshakeHandler({ determineUser });
    add("/user/refuses").setHandshakeHandler({ determineUser: () => refuse(403, "Not you.") });
    add("/moves").addInterceptors({ beforeHandshake: () => refuse(307, "", { Location: "/refuses" }) });
    add("/json").addInterceptors({
      beforeHandshake: () => refuse(400, "{}", { "content-type": "application/json" }),
    });
    add("/slow/interceptor").addInterceptors({ beforeHandshake: () => never });
    add("/slow/protocol").setHandshakeHandler({ selectProtocol: () => never });
    add("/slow/user").setHandshakeHandler({ determineUser: () => never });
    add("/slow/after").addInterceptors(
      { beforeHandshake: () => {}, afterHandshake: () => never },
      { beforeHandshake: () => refuse(403) },
    );
    add("/slow/approval").addInterceptors({
      beforeHandshake: () => {},
      afterHandshake: (_request, error) => void late.push(error),
    });
    add("/slow/approval/waits").addInterceptors(
      { beforeHandshake: () => {}, afterHandshake: (_request, error) => void late.push(error) },
      { beforeHandshake: () => {}, afterHandshake: () => never },
    );
    add("/expired").setHandshakeHandler({
      determineUser: () => ({ name: "ada", expiresAt: new Date(Date.now() - 1) }),
    });
  }
}

/** What afterHandshake was told. */
const late: unknown[] = [];
const { logger, lines } = recordingLogger("error");
let port: number;

beforeAll(async () => {
  ({ port } = await startApplication({ components: [Endpoints], handshakeTimeoutMs: 50, logger }));
});
beforeEach(() => void (lines.length = 0));
afterAll(closeApplications);

const ask = (path: string) => answerAndEnd(port, upgradeRequest(path, ["Sec-WebSocket-Protocol: chat"]));

describe("with 500, logged and told to nobody else, ends the handshake of", () => {
  const logged = expect.objectContaining({
    level: 50,
    msg: "the handshake failed, answered with 500",
  }) as object;

  it.each(wrongAnswers)("an interceptor that %s", async (_, path) => {
    expect(await ask(path)).toMatchObject({ status: 500, body: "" });
    expect(lines).toEqual([logged]);
    expect(lines[0]).toMatchObject({ path });
  });

  it.each(wrongProtocols)("a selectProtocol that %s", async (_, path) => {
    expect(await ask(path)).toMatchObject({ status: 500, body: "" });
    expect(lines).toEqual([logged]);
  });

  it.each(wrongUsers)("a determineUser that %s", async (_, path) => {
    expect(await ask(path)).toMatchObject({ status: 500, body: "" });
    expect(lines).toEqual([logged]);
  });

  it("an interceptor, whose wrong answer the log names with its cure", async () => {
    await ask("/false");
    expect(lines[0]).toMatchObject({
      err: {
        code: "VERNAL_WRONG_HANDSHAKE_ANSWER",
        message: expect.stringMatching(
          /beforeHandshake returned false\. Let it return nothing or refuse/,
        ) as string,
      },
    });
  });
});

describe("refuse(…)", () => {
  it.each(refusals)("%s gives the client its status, headers and body", async (_, path) => {
    expect(await ask(path)).toMatchObject({
      status: 401,
      headers: {
        "www-authenticate": "Bearer",
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
      },
      body: "Wer da? Ünbekannt.",
    });
    expect(lines).toEqual([]);
  });

  it("also redirects", async () => {
    expect(await ask("/moves")).toMatchObject({ status: 307, headers: { location: "/refuses" }, body: "" });
  });

  it("may say what type the body has", async () => {
    const answer = await ask("/json");
    expect(answer).toMatchObject({
      status: 400,
      headers: { "content-type": "application/json" },
      body: "{}",
    });
  });

  it("is also an answer of determineUser", async () => {
    expect(await ask("/user/refuses")).toMatchObject({ status: 403, body: "Not you." });
  });
});

describe("after handshakeTimeoutMs", () => {
  it.each(["/slow/interceptor", "/slow/protocol", "/slow/user"])("%s is answered with 503", async (path) => {
    expect(await ask(path)).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
  });

  it("an approval is none any more when an afterHandshake outlasts it, and the interceptors before are told", async () => {
    (await upgradeRaw(port, "/slow/approval")).destroy();
    expect(await ask("/slow/approval/waits")).toMatchObject({ status: 503 });
    expect(late).toEqual([undefined, expect.objectContaining({ status: 503 })]);
  });

  it("nothing waits for an afterHandshake any more", async () => {
    expect(await ask("/slow/after")).toMatchObject({ status: 403 });
  });
});

it("refuses a principal that has expired already with 401", async () => {
  expect(await ask("/expired")).toMatchObject({ status: 401, body: "The authentication has expired." });
});
