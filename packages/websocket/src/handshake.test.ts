import { HandshakeHeaders, refuse, Refusal } from "./handshake";

const INVALID = expect.objectContaining({ code: "VERNAL_INVALID_ARGUMENT" }) as Error;

describe("HandshakeHeaders", () => {
  const headers = new HandshakeHeaders({
    host: "server.example",
    "x-forwarded-for": "10.0.0.1, 10.0.0.2",
    "set-cookie": ["a=1", "b=2"],
    "x-empty": "",
    "x-absent": undefined,
  });

  it.each(["host", "Host", "HOST"])("finds %s", (name) => {
    expect(headers.get(name)).toBe("server.example");
    expect(headers.has(name)).toBe(true);
  });

  it("joins several of one name by a comma", () => {
    expect(headers.get("X-Forwarded-For")).toBe("10.0.0.1, 10.0.0.2");
    expect(headers.get("Set-Cookie")).toBe("a=1, b=2");
  });

  it("tells an empty header from one that is not there", () => {
    expect([headers.get("x-empty"), headers.has("x-empty")]).toEqual(["", true]);
    expect([headers.get("x-absent"), headers.has("x-absent")]).toEqual([undefined, false]);
    expect([headers.get("x-other"), headers.has("x-other")]).toEqual([undefined, false]);
  });

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("has no %s of its own", (name) => {
    expect([headers.get(name), headers.has(name)]).toEqual([undefined, false]);
  });

  it("gives each name, in lower case, with its value", () => {
    expect([...headers]).toEqual([
      ["host", "server.example"],
      ["x-forwarded-for", "10.0.0.1, 10.0.0.2"],
      ["set-cookie", "a=1, b=2"],
      ["x-empty", ""],
    ]);
  });

  it("is gone through more than once", () => {
    expect(Object.fromEntries(headers)).toEqual(Object.fromEntries(headers));
    expect(new Map(headers).size).toBe(4);
  });
});

describe("refuse", () => {
  it("makes a refusal", () => {
    const refusal = refuse(429, "Slow down.", { "Retry-After": "5", "X-Limit": "10" });
    expect(refusal).toBeInstanceOf(Refusal);
    expect({ ...refusal }).toEqual({
      status: 429,
      body: "Slow down.",
      headers: { "Retry-After": "5", "X-Limit": "10" },
    });
  });

  it("has neither body nor headers unless they are given", () => {
    expect({ ...refuse(403) }).toEqual({ status: 403, body: "", headers: {} });
  });

  it.each([400, 401, 403, 418, 429, 500, 503, 599])("takes %d", (status) => {
    expect(refuse(status).status).toBe(status);
  });

  it.each([301, 302, 307, 399])("takes %d with a Location", (status) => {
    expect(refuse(status, "", { location: "/login" }).status).toBe(status);
    expect(refuse(status, "", { Location: "/login" }).status).toBe(status);
  });

  it.each([300, 302, 399])("does not take %d without a Location", (status) => {
    expect(() => refuse(status)).toThrow(INVALID);
    expect(() => refuse(status, "", { "X-Location": "/login" })).toThrow(/Location/);
  });

  it.each([0, 100, 101, 200, 204, 299, 600, 1008, 403.5, Number.NaN, "403", undefined])(
    "does not take %p",
    (status) => {
      expect(() => refuse(status as number)).toThrow(INVALID);
    },
  );

  it.each([42, null, { error: "no" }, Buffer.from("no")])("does not take %p for a body", (body) => {
    expect(() => refuse(403, body as never)).toThrow(INVALID);
  });

  it.each([
    ["a name with a space", { "X Y": "1" }],
    ["an empty name", { "": "1" }],
    ["a name with a line break", { "X\r\nY": "1" }],
    ["a value with a line break", { "X-Y": "1\r\nSet-Cookie: a=1" }],
    ["a value with a control character", { "X-Y": "\u0000" }],
    ["a value beyond Latin-1", { "X-Y": "가" }],
    ["no value", { "X-Y": undefined as never }],
  ])("does not take a header with %s", (_, headers) => {
    // Errors of Node, which belong to another realm than this file.
    expect(() => refuse(403, "", headers)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(
          /^ERR_(INVALID_HTTP_TOKEN|INVALID_CHAR|HTTP_INVALID_HEADER_VALUE)$/,
        ) as string,
      }) as Error,
    );
  });

  it.each(["Connection", "content-length", "Transfer-Encoding"])("does not take the header %s", (name) => {
    expect(() => refuse(403, "", { [name]: "1" })).toThrow(INVALID);
  });
});
