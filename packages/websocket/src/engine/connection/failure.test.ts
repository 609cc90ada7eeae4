import { once } from "node:events";
import { encodeRawFrame } from "../../../test/harness/raw-connection";
import { createReceiver, type ReceiverOptions } from "../../../test/harness/ws-receiver";
import { CloseSessionError, CloseStatus } from "../../close-status";
import type { WebSocketSession } from "../../websocket-session";
import { judgeFailure, limitOf, protocolErrorStatus } from "./failure";

/** Handed to the mapper as it is; nothing here looks into it. */
const session = {} as WebSocketSession;
const enough = CloseStatus.POLICY_VIOLATION.withReason("enough");

describe("a failed callback", () => {
  it.each([new Error("broken"), "text", 42, null, undefined, { code: 1008, status: enough }, Symbol("odd")])(
    "that throws %p closes with 1011 without a reason",
    (thrown) => {
      const verdict = judgeFailure(thrown, session, undefined);
      expect(verdict).toEqual({ status: CloseStatus.SERVER_ERROR, intended: false });
      expect(verdict.status.reason).toBe("");
    },
  );

  it("that throws a CloseSessionError closes with its status", () => {
    expect(judgeFailure(new CloseSessionError(enough), session, undefined)).toEqual({
      status: enough,
      intended: true,
    });
  });

  it("that throws the CloseSessionError of another copy of the package closes with its status", () => {
    const thrown = Object.assign(new Error("from afar"), { code: "VERNAL_CLOSE_SESSION", status: enough });
    expect(judgeFailure(thrown, session, undefined).status).toBe(enough);
  });

  it.each([undefined, null, 1008, "1008", {}])("that throws the status %p closes with 1011", (status) => {
    const thrown = Object.assign(new Error("no status"), { code: "VERNAL_CLOSE_SESSION", status });
    expect(judgeFailure(thrown, session, undefined)).toEqual({
      status: CloseStatus.SERVER_ERROR,
      intended: false,
    });
  });
});

describe("mapError", () => {
  it("gets the error and the session, and decides", () => {
    const error = new RangeError("too many");
    const verdict = judgeFailure(error, session, (...given) => {
      expect(given).toEqual([error, session]);
      expect(given[1]).toBe(session);
      return enough;
    });
    expect(verdict).toEqual({ status: enough, intended: true });
  });

  it.each([CloseStatus.SERVER_ERROR, CloseStatus.SERVER_ERROR.withReason("busy")])(
    "that says %s speaks of a fault of this side",
    (status) =>
      expect(judgeFailure(new Error("broken"), session, () => status)).toEqual({ status, intended: false }),
  );

  it("leaves 1011 where it says nothing", () => {
    expect(judgeFailure(new Error("broken"), session, () => undefined)).toEqual({
      status: CloseStatus.SERVER_ERROR,
      intended: false,
    });
  });

  it("is not asked about a CloseSessionError", () => {
    const verdict = judgeFailure(new CloseSessionError(enough), session, () => CloseStatus.BAD_DATA);
    expect(verdict.status).toBe(enough);
  });

  it("that throws leaves 1011, and is told of", () => {
    const mapperError = new Error("broken as well");
    const verdict = judgeFailure(new Error("broken"), session, () => {
      throw mapperError;
    });
    expect(verdict).toEqual({ status: CloseStatus.SERVER_ERROR, intended: false, mapperError });
  });

  it.each([1008, "1008", { code: 1008, reason: "" }, true])(
    "that answers %p leaves 1011, and is told of",
    (answer) => {
      const verdict = judgeFailure(new Error("broken"), session, () => answer as unknown as CloseStatus);
      expect(verdict).toEqual({
        status: CloseStatus.SERVER_ERROR,
        intended: false,
        mapperError: expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as unknown,
      });
    },
  );

  it("that is asynchronous leaves 1011, also when its promise is rejected", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    const mapper = async (): Promise<CloseStatus> => Promise.reject(new Error("later"));
    const verdict = judgeFailure(new Error("broken"), session, mapper as unknown as () => CloseStatus);
    // Node reports a rejection that nobody handled before the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener("unhandledRejection", listener);
    expect(verdict.status).toBe(CloseStatus.SERVER_ERROR);
    expect(String(verdict.mapperError)).toContain("an object (Promise)");
    expect(unhandled).toEqual([]);
  });
});

/** What the receiver of ws, as a server's, finds wrong with these bytes. */
async function refusalOf(
  wire: Buffer,
  options: Partial<ReceiverOptions> = {},
): Promise<Error & { readonly code: string }> {
  const receiver = createReceiver({ isServer: true, ...options });
  const refused = once(receiver, "error") as Promise<[Error & { readonly code: string }]>;
  receiver.write(wire);
  return (await refused)[0];
}

/** ws keeps the code that it answers with under a symbol of its own. */
function answeredCode(error: Error): unknown {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === "status-code");
  return symbol === undefined ? undefined : (Reflect.get(error, symbol) as unknown);
}

describe("the status of a protocol error", () => {
  const limits = { maxPayload: 100, maxFragments: 2 };
  const inFragments = [1, 0, 0, 0].map((opcode) => encodeRawFrame({ opcode, payload: "a", fin: false }));

  it.each([
    ["WS_ERR_INVALID_UTF8", 1007, encodeRawFrame({ opcode: 1, payload: Buffer.from([0xff]) })],
    ["WS_ERR_INVALID_UTF8", 1007, encodeRawFrame({ opcode: 8, payload: Buffer.from([0x03, 0xe8, 0xff]) })],
    ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009, encodeRawFrame({ opcode: 1, payload: "a".repeat(101) })],
    ["WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH", 1009, encodeRawFrame({ opcode: 2, claimedLength: 2n ** 60n })],
    ["WS_ERR_TOO_MANY_BUFFERED_PARTS", 1008, Buffer.concat(inFragments)],
    ["WS_ERR_EXPECTED_MASK", 1002, encodeRawFrame({ opcode: 1, payload: "a", masked: false })],
    ["WS_ERR_EXPECTED_FIN", 1002, encodeRawFrame({ opcode: 9, payload: "a", fin: false })],
    ["WS_ERR_INVALID_OPCODE", 1002, encodeRawFrame({ opcode: 3, payload: "a" })],
    ["WS_ERR_INVALID_OPCODE", 1002, encodeRawFrame({ opcode: 0, payload: "a" })],
    ["WS_ERR_UNEXPECTED_RSV_1", 1002, encodeRawFrame({ opcode: 1, payload: "a", reserved: 4 })],
    ["WS_ERR_UNEXPECTED_RSV_2_3", 1002, encodeRawFrame({ opcode: 1, payload: "a", reserved: 1 })],
    ["WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH", 1002, encodeRawFrame({ opcode: 9, payload: "a".repeat(126) })],
    ["WS_ERR_INVALID_CLOSE_CODE", 1002, encodeRawFrame({ opcode: 8, payload: Buffer.from([0x03, 0xed]) })],
  ])("%s is %d, as ws answers", async (name, status, wire) => {
    const error = await refusalOf(wire, limits);
    expect(error.code).toBe(name);
    expect(answeredCode(error)).toBe(status);
    expect(protocolErrorStatus(error)?.code).toBe(status);
  });

  it("is 1007 for compressed data that does not inflate, as ws answers", async () => {
    const error = await refusalOf(
      encodeRawFrame({ opcode: 1, payload: Buffer.from([0xff, 0xff]), reserved: 4 }),
      {
        deflate: true,
      },
    );
    expect(error.code).toBe("Z_DATA_ERROR");
    expect(answeredCode(error)).toBe(1007);
    expect(protocolErrorStatus(error)).toBe(CloseStatus.BAD_DATA);
  });

  it.each([
    ["an error of the socket", Object.assign(new Error("reset"), { code: "ECONNRESET" })],
    ["an error without a code", new Error("odd")],
    ["a code of something else", Object.assign(new Error("odd"), { code: "ERR_WS_ERR_" })],
  ])("is unknown for %s", (_, error) => {
    expect(protocolErrorStatus(error)).toBeUndefined();
  });
});

it.each([
  ["maxMessageBytes", encodeRawFrame({ opcode: 1, payload: "a".repeat(101) })],
  ["maxMessageBytes", encodeRawFrame({ opcode: 2, claimedLength: 2n ** 60n })],
  [
    "maxFragments",
    Buffer.concat([1, 0, 0].map((opcode) => encodeRawFrame({ opcode, payload: "a", fin: false }))),
  ],
  [undefined, encodeRawFrame({ opcode: 3, payload: "a" })],
])("a protocol error counts for the limit %p", async (limit, wire) => {
  expect(limitOf(await refusalOf(wire, { maxPayload: 100, maxFragments: 2 }))).toBe(limit);
});
