import fc from "fast-check";
import { CloseSessionError, CloseStatus } from "./close-status";

const CONSTANTS = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  NOT_ACCEPTABLE: 1003,
  NO_STATUS_CODE: 1005,
  NO_CLOSE_FRAME: 1006,
  BAD_DATA: 1007,
  POLICY_VIOLATION: 1008,
  TOO_BIG_TO_PROCESS: 1009,
  REQUIRED_EXTENSION: 1010,
  SERVER_ERROR: 1011,
  SERVICE_RESTARTED: 1012,
  SERVICE_OVERLOAD: 1013,
  TLS_HANDSHAKE_FAILURE: 1015,
  SESSION_NOT_RELIABLE: 4500,
} as const;
const RECEIVE_ONLY: readonly number[] = [1005, 1006, 1015];

const byteLength = (text: string) => Buffer.byteLength(text, "utf8");
const loneSurrogates = (text: string) => text.match(/\p{Cs}/gu)?.length ?? 0;
/** Also half surrogate pairs, which are no characters and which a string may hold all the same. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("a", "é", "가", "€", "😀", "\ud83d", "\ude00", "\u0000", "\ufeff"),
      fc.string({ unit: fc.constantFrom("\ud800", "\udfff", "x"), maxLength: 5 }),
    ),
    { maxLength: 150 },
  )
  .map((parts) => parts.join(""));

describe("the constants", () => {
  it("are Spring's", () => {
    const all = Object.entries(CloseStatus).map(([name, status]) => [name, (status as CloseStatus).code]);
    expect(Object.fromEntries(all)).toEqual(CONSTANTS);
  });

  it.each(Object.entries(CONSTANTS))("%s has the code %d", (name, code) => {
    const status = CloseStatus[name as keyof typeof CONSTANTS];
    expect(status).toBeInstanceOf(CloseStatus);
    expect(status.code).toBe(code);
    expect(status.isSendable).toBe(!RECEIVE_ONLY.includes(code));
  });

  it("have no reason, except for SESSION_NOT_RELIABLE", () => {
    const withReason = Object.values<CloseStatus>(CloseStatus as never).filter(({ reason }) => reason !== "");
    expect(withReason).toEqual([CloseStatus.SESSION_NOT_RELIABLE]);
    expect(CloseStatus.SESSION_NOT_RELIABLE.reason).toBe(
      "Failed to send message within the configured send limit",
    );
  });
});

describe("a new status", () => {
  it.each([1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999])("takes the code %d", (code) => {
    const status = new CloseStatus(code, "why");
    expect([status.code, status.reason, status.isSendable]).toEqual([code, "why", true]);
  });

  it.each([
    [-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536],
    [1000.5, Number.NaN, Number.POSITIVE_INFINITY],
    ["1000", null, undefined, {}],
  ])("refuses other codes", (...codes) => {
    for (const code of codes) {
      expect(() => new CloseStatus(code as number)).toThrow(
        expect.objectContaining({ code: "VERNAL_INVALID_CLOSE_CODE" }) as Error,
      );
    }
  });

  it("names the code it refuses, and the way out", () => {
    expect(() => new CloseStatus(1006)).toThrow(/cannot carry the code 1006\b.*4000 to 4999/);
  });

  it.each([42, null, {}, Buffer.from("why")])("refuses %p for a reason", (reason) => {
    expect(() => new CloseStatus(1000, reason as never)).toThrow(
      expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error,
    );
  });

  it("has an empty reason unless it is given one", () => {
    expect(new CloseStatus(1000).reason).toBe("");
    expect(new CloseStatus(1000, undefined).reason).toBe("");
  });
});

describe("a reason", () => {
  it.each([
    ["keeps 123 bytes", "a".repeat(123), "a".repeat(123)],
    ["loses the 124th byte", "a".repeat(124), "a".repeat(123)],
    ["keeps 41 characters of three bytes", "가".repeat(41), "가".repeat(41)],
    ["loses a character of which one byte is too many", `a${"가".repeat(41)}`, `a${"가".repeat(40)}`],
    ["loses a pair of surrogates as a whole", `${"a".repeat(120)}😀`, "a".repeat(120)],
    ["keeps a pair of surrogates that just fits", `${"a".repeat(119)}😀b`, `${"a".repeat(119)}😀`],
    ["keeps half a pair, three bytes on the wire", `${"a".repeat(120)}\ud83d`, `${"a".repeat(120)}\ud83d`],
    ["loses half a pair that does not fit", `${"a".repeat(121)}\ud83d`, "a".repeat(121)],
  ])("%s", (_, given, kept) => {
    expect(new CloseStatus(4000, given).reason).toBe(kept);
  });

  it("is a prefix of the text, fits into a close frame, and breaks no character", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { reason } = new CloseStatus(4000, text);
        expect(text.startsWith(reason)).toBe(true);
        expect(byteLength(reason)).toBeLessThanOrEqual(123);
        const rest = text.slice(reason.length);
        expect(loneSurrogates(reason) + loneSurrogates(rest)).toBe(loneSurrogates(text));
      }),
    );
  });

  it("is no shorter than it has to be", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { reason } = new CloseStatus(4000, text);
        const next = text.codePointAt(reason.length);
        if (next !== undefined) expect(byteLength(reason + String.fromCodePoint(next))).toBeGreaterThan(123);
      }),
    );
  });

  it("is cut for withReason as well", () => {
    expect(CloseStatus.NORMAL.withReason("가".repeat(100)).reason).toBe("가".repeat(41));
  });
});

describe("withReason", () => {
  it("gives another status of the same code", () => {
    const status = CloseStatus.NOT_ACCEPTABLE.withReason("Binary messages not supported");
    expect(status).toBeInstanceOf(CloseStatus);
    expect([status.code, status.reason]).toEqual([1003, "Binary messages not supported"]);
    expect(CloseStatus.NOT_ACCEPTABLE.reason).toBe("");
  });

  it("replaces the reason", () => {
    expect(CloseStatus.SESSION_NOT_RELIABLE.withReason("").reason).toBe("");
  });

  it("works for a status that cannot be sent", () => {
    const status = CloseStatus.NO_CLOSE_FRAME.withReason("the cable");
    expect([status.code, status.reason, status.isSendable]).toEqual([1006, "the cable", false]);
  });
});

describe("a received status", () => {
  it.each([1000, 1004, 1005, 1006, 1015, 2500, 3000, 4999])("has the code %d of the peer", (code) => {
    const status = CloseStatus.received(code, "why");
    expect(status).toBeInstanceOf(CloseStatus);
    expect([status.code, status.reason]).toEqual([code, "why"]);
  });

  it("can be sent on where its code can", () => {
    expect(CloseStatus.received(4001).isSendable).toBe(true);
    expect(CloseStatus.received(1005).isSendable).toBe(false);
    expect(CloseStatus.received(1004).isSendable).toBe(false);
  });

  it("has an empty reason where the frame had none", () => {
    expect(CloseStatus.received(1000).reason).toBe("");
  });
});

describe("equality", () => {
  it("is by code", () => {
    expect(CloseStatus.received(1001, "page left").equalsCode(CloseStatus.GOING_AWAY)).toBe(true);
    expect(CloseStatus.NORMAL.equalsCode(CloseStatus.GOING_AWAY)).toBe(false);
    expect(CloseStatus.NORMAL.equals(CloseStatus.NORMAL.withReason("done"))).toBe(true);
    expect(CloseStatus.NORMAL.equals({ code: 1001 })).toBe(false);
  });
});

describe("a status of any making", () => {
  it.each([
    ["a constant", CloseStatus.NORMAL],
    ["a constant that is received only", CloseStatus.NO_CLOSE_FRAME],
    ["a new one", new CloseStatus(4000, "why")],
    ["a received one", CloseStatus.received(1001, "why")],
    ["one with another reason", CloseStatus.NORMAL.withReason("why")],
  ])("does not change: %s", (_, status) => {
    const writable = status as { code: number; reason: string; more?: string };
    expect(() => (writable.code = 4999)).toThrow(TypeError);
    expect(() => (writable.reason = "other")).toThrow(TypeError);
    expect(() => (writable.more = "more")).toThrow(TypeError);
    expect(() => Reflect.deleteProperty(writable, "code")).not.toThrow();
    expect(writable.code).toBe(status.code);
  });

  it("reads as its code and reason", () => {
    expect(String(CloseStatus.NORMAL)).toBe("1000");
    expect(String(CloseStatus.NORMAL.withReason("done"))).toBe("1000 done");
    expect(String(CloseStatus.received(1006))).toBe("1006");
  });
});

describe("CloseSessionError", () => {
  it("carries the status, a code and the cause", () => {
    const cause = new Error("quota");
    const status = CloseStatus.POLICY_VIOLATION.withReason("too fast");
    const error = new CloseSessionError(status, { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.status).toBe(status);
    expect(error.cause).toBe(cause);
    expect([error.name, error.code, error.message]).toEqual([
      "CloseSessionError",
      "VERNAL_CLOSE_SESSION",
      "Close the session with 1008 too fast",
    ]);
  });

  it("has no cause unless it is given one", () => {
    expect(Object.hasOwn(new CloseSessionError(CloseStatus.NORMAL), "cause")).toBe(false);
  });
});
