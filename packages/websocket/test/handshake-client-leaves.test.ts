import { encodeRawFrame, type RawConnection } from "@vernal/testing";
import {
  TextWebSocketHandler,
  WebSocketHandler,
  WebSocketSessions,
  type HandshakeInterceptor,
  type HandshakeRequest,
  type WebSocketApplication,
} from "../src/index";
import { closeApplications, recordingLogger, startApplication } from "./harness/application";
import { openRaw, upgradeRequest } from "./harness/raw-connection";
import { openResources, untilFreed } from "./harness/resources";
import { until } from "./harness/until";

interface Asked {
  readonly request: HandshakeRequest;
  readonly goOn: (answer?: Error) => void;
}

const asked: Asked[] = [];
const heard: unknown[] = [];
const addresses: (string | undefined)[] = [];
const established: string[] = [];
const passing: HandshakeInterceptor = {
  beforeHandshake: () => {},
  afterHandshake: (request, error) => {
    heard.push(error);
    addresses.push(request.remoteAddress);
  },
};
const waiting: HandshakeInterceptor = {
  beforeHandshake: (request) =>
    new Promise((resolve, reject) => {
      asked.push({ request, goOn: (error) => (error === undefined ? resolve() : reject(error)) });
    }),
  afterHandshake: () => void heard.push("of one that never passed"),
};

@WebSocketHandler("/ws", { interceptors: [passing, waiting] })
class Noting extends TextWebSocketHandler {
  override afterConnectionEstablished(): void {
    established.push("a session");
  }
}

const { logger, lines } = recordingLogger("info");
let application: WebSocketApplication;

beforeAll(async () => {
  application = await startApplication({ components: [Noting], logger, host: "127.0.0.1" });
});
beforeEach(() => {
  for (const list of [asked, heard, addresses, established, lines]) list.length = 0;
});
afterAll(closeApplications);

const leavings: readonly [how: string, leave: (connection: RawConnection) => void][] = [
  ["with a FIN", (connection) => connection.finish()],
  ["with a RST", (connection) => connection.reset()],
];

describe.each(leavings)("a client that leaves in the middle %s", (_, leave) => {
  async function left(): Promise<Asked> {
    const connection = await openRaw(application.port);
    connection.write(upgradeRequest("/ws"));
    await until("the interceptor", () => asked.length === 1);
    leave(connection);
    return asked[0]!;
  }

  it("aborts the signal, and afterHandshake hears of it without waiting for the interceptor", async () => {
    const { request } = await left();
    await until("the signal", () => request.signal.aborted);
    await until("afterHandshake", () => heard.length > 0);
    expect(heard).toEqual([new Error("The client left during the handshake.")]);
    expect(addresses).toEqual(["127.0.0.1"]);
  });

  it.each<[what: string, answer: Error | undefined]>([
    ["lets it go on", undefined],
    ["fails", new Error("it broke")],
  ])("leaves nothing behind when the interceptor then %s", async (_what, answer) => {
    const before = openResources();
    const { request, goOn } = await left();
    await until("the signal", () => request.signal.aborted);
    await untilFreed(before);
    goOn(answer);
    await until("afterHandshake", () => heard.length === 1);
    expect(established).toEqual([]);
    expect(application.get(WebSocketSessions).size).toBe(0);
    expect(lines).toEqual([]);
  });
});

describe("a client that leaves behind the first frame", () => {
  it("is noticed at the 101 at the latest, and leaves nothing behind", async () => {
    const before = openResources();
    const connection = await openRaw(application.port);
    connection.write(upgradeRequest("/ws"));
    await until("the interceptor", () => asked.length === 1);
    connection.writeFrame({ opcode: 1, payload: "hello" });
    connection.native.end(encodeRawFrame({ opcode: 8, payload: Buffer.from([3, 232]) }));
    asked[0]!.goOn();
    await untilFreed(before);
    expect(application.get(WebSocketSessions).size).toBe(0);
  });
});
