import fc from "fast-check";
import { encodeRawFrame } from "@vernal/testing";
import {
  refuse,
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeInterceptor,
  type TextMessage,
  type WebSocketSession,
} from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { connectClient } from "./harness/client";
import { openRaw, upgradeRequest } from "./harness/raw-connection";
import { realProcess } from "./harness/real-process";
import { openResources, untilFreed } from "./harness/resources";
import { until } from "./harness/until";

const SEED = 20_261_122;
const HANDSHAKES = 3000;
const AT_ONCE = 50;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const reached = { interceptors: 0, gone: 0, sessions: 0, pages: 0 };

/** Goes on after some turns of the event loop, when the client has long gone or not. */
const slow: HandshakeInterceptor = {
  async beforeHandshake() {
    reached.interceptors += 1;
    for (let count = 0; count < reached.interceptors % 8; count += 1) await turn();
  },
};
/** Waits for long, and fails when the client has gone. */
const patient: HandshakeInterceptor = {
  async beforeHandshake({ signal }) {
    reached.interceptors += 1;
    for (let count = 0; count < 200; count += 1) {
      await turn();
      if (!signal.aborted) continue;
      reached.gone += 1;
      throw new Error("gone");
    }
  },
};
const refusing: HandshakeInterceptor = {
  async beforeHandshake() {
    await turn();
    return refuse(401, "Not you.");
  },
};

class Echo extends TextWebSocketHandler {
  override afterConnectionEstablished(): void {
    reached.sessions += 1;
  }
  override handleTextMessage(session: WebSocketSession, message: TextMessage): void {
    void session.sendMessage(message.payload);
  }
}

@WebSocketHandler("/echo")
class PlainEcho extends Echo {}
@WebSocketHandler("/slow/{name}", { interceptors: [slow] })
class SlowEcho extends Echo {}
@WebSocketHandler("/patient", { interceptors: [patient] })
class PatientEcho extends Echo {}
@WebSocketHandler("/refusing", { interceptors: [refusing], allowedOrigins: ["*"] })
class RefusingEcho extends Echo {}

const junk = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const change = fc.oneof(
  fc.constantFrom("-Host", "-Sec-WebSocket-Key", "-Sec-WebSocket-Version", "-Connection", "-Upgrade"),
  fc.constantFrom("Upgrade: h2c", "Upgrade: websocket, h2c", "Sec-WebSocket-Version: 8", "Content-Length: 5"),
  fc.constantFrom(
    "Transfer-Encoding: chunked",
    "Origin: https://elsewhere.example",
    "Origin: null",
    "Expect: 100-continue",
  ),
  fc.constantFrom(
    "Sec-WebSocket-Protocol: a, a",
    "Sec-WebSocket-Protocol: a",
    "Sec-WebSocket-Extensions: a;",
  ),
  junk.map((bytes) => `X-Junk: ${bytes.toString("latin1")}`),
);
const path = fc.constantFrom(
  "/echo",
  "/echo",
  "/slow/one",
  "/slow/%41",
  "/slow/%zz",
  "/patient",
  "/patient",
  "/refusing",
  "/page",
  "http://localhost/echo",
);
const request = fc
  .record({
    path,
    changes: fc.oneof(fc.constant([]), fc.array(change, { maxLength: 3 })),
    method: fc.constantFrom("GET", "GET", "GET", "GET", "POST", "HEAD", "CONNECT"),
    behind: fc.oneof(
      fc.constant(Buffer.alloc(0)),
      fc.constantFrom(
        encodeRawFrame({ opcode: 1, payload: "hello" }),
        encodeRawFrame({ opcode: 8, payload: Buffer.from([3, 232]) }),
        encodeRawFrame({ opcode: 3, payload: "bad" }),
      ),
      fc.constantFrom(
        Buffer.from("GET /page HTTP/1.1\r\nHost: a\r\n\r\n"),
        Buffer.from(upgradeRequest("/echo")),
      ),
      junk,
    ),
  })
  .map(({ path, changes, method, behind }) =>
    Buffer.concat([Buffer.from(upgradeRequest(path, changes, method), "latin1"), behind]),
  );
const flipped = fc
  .tuple(request, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }))
  .map(([bytes, flips]) => {
    const changed = Buffer.from(bytes);
    for (const [place, value] of flips) changed[place % changed.length] = value;
    return changed;
  });
const attempt = fc.record({
  bytes: fc.oneof({ weight: 6, arbitrary: request }, { weight: 3, arbitrary: flipped }, junk),
  /** Where it is torn off, as a part of its length; 1 leaves it whole. */
  part: fc.oneof(fc.constant(1), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  /** Turns of the event loop between the two halves, and before it leaves. */
  pauses: fc.tuple(fc.nat(3), fc.nat(6)),
  leave: fc.constantFrom("FIN", "RST"),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer A> ? A : never;

async function make(port: number, { bytes, part, pauses, leave }: Attempt): Promise<void> {
  const torn = bytes.subarray(0, Math.floor(bytes.length * part));
  const middle = Math.floor(torn.length / 2);
  const connection = await openRaw(port);
  connection.write(torn.subarray(0, middle));
  for (let count = 0; count < pauses[0]; count += 1) await turn();
  connection.write(torn.subarray(middle));
  for (let count = 0; count < pauses[1]; count += 1) await turn();
  if (leave === "RST") connection.reset();
  else connection.finish();
  await until("the end of a torn handshake", () => connection.isEnded);
}

afterEach(closeApplications);

it(`${HANDSHAKES} handshakes, malformed and torn off, leave nothing behind`, async () => {
  const lost: unknown[] = [];
  const lose = (error: unknown): void => void lost.push(error);
  realProcess.on("unhandledRejection", lose).on("uncaughtException", lose).on("warning", lose);
  const { logger, lines } = recordingLogger("warn");
  const application = await startApplication({
    components: [PlainEcho, SlowEcho, PatientEcho, RefusingEcho],
    logger,
    requestListener: async (asked, response) => {
      reached.pages += 1;
      await turn();
      asked.resume();
      response.end("a page");
    },
  });
  const sessions = application.get(WebSocketSessions);
  const witness = await connectClient(`${application.url}/echo`);
  const before = openResources();

  const attempts = fc.sample(attempt, { seed: SEED, numRuns: HANDSHAKES });
  for (let start = 0; start < attempts.length; start += AT_ONCE) {
    await Promise.all(attempts.slice(start, start + AT_ONCE).map((each) => make(application.port, each)));
    witness.send(`after ${start}`);
    expect(await witness.next()).toBe(`after ${start}`);
  }

  await untilFreed(before);
  await until("the sessions to end", () => sessions.size === 1);
  expect(lost).toEqual([]);
  expect(lines).toEqual([]);
  // Each way in was really taken.
  expect(Object.entries(reached).filter(([, count]) => count < 10)).toEqual([]);

  await witness.close();
  await until("the last session to end", () => sessions.size === 0);
  realProcess.off("unhandledRejection", lose).off("uncaughtException", lose).off("warning", lose);
}, 30_000);
