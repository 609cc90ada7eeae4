import { parseRawAnswer } from "./raw-answer";

const parse = (text: string): ReturnType<typeof parseRawAnswer> =>
  parseRawAnswer("answer() of the raw connection", Buffer.from(text));

const CHUNKED =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "5;name=value\r\nhello\r\nA\r\n, 0\r\n\r\n wo\r\n3\r\nrld\r\n0\r\nTrailer: x\r\n\r\n";

test("a body has the length that it says", () => {
  expect(parse("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nX: a\r\nx: b\r\n\r\ngonemore")).toEqual({
    answer: { status: 404, headers: { "content-length": "4", x: "a, b" }, body: "gone" },
    byteLength: 61,
  });
});

test("headers are as Node gives them, cookies one by one", () => {
  const lines = ["Set-Cookie: a=1", "X:1", "set-cookie: b=2", "x:\t2 ", "__proto__: own"];
  expect(parse(`HTTP/1.1 200 OK\r\n${lines.join("\r\n")}\r\n\r\n`)?.answer.headers).toEqual(
    Object.fromEntries<unknown>([
      ["set-cookie", ["a=1", "b=2"]],
      ["x", "1, 2"],
      ["__proto__", "own"],
    ]),
  );
});

test("chunks are put together, and what stands behind them is left", () => {
  expect(parse(`${CHUNKED}HTTP/1.1 204`)).toEqual({
    answer: { status: 200, headers: { "transfer-encoding": "chunked" }, body: "hello, 0\r\n\r\n world" },
    byteLength: CHUNKED.length,
  });
});

test("as long as something is missing there is no answer", () => {
  const whole = ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", CHUNKED];
  for (const text of whole) {
    for (let length = 0; length < text.length; length += 1) {
      expect(parse(text.slice(0, length))).toBeUndefined();
    }
    expect(parse(text)?.byteLength).toBe(text.length);
  }
});

test.each([
  "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 5",
  "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked",
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5",
  "HTTP/1.1 200",
])("there is no body with %p", (head) => {
  expect(parse(`${head}\r\n\r\nmore`)).toMatchObject({ answer: { body: "" }, byteLength: head.length + 4 });
});

test.each([
  "\x81\x05hello",
  "HTTP/2 200 OK\r\n\r\n",
  "HTTP/1.1 OK\r\n\r\n",
  "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: some\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsome\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
])("%p is no answer", (text) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({
      code: "VERNAL_TEST_WRONG_KIND",
      message: expect.stringContaining("which is no answer of HTTP") as string,
    }) as Error,
  );
});

test("a head without an end is no answer", () => {
  const head = "HTTP/1.1 200 OK\r\nX: ".padEnd(65_535, "x");
  expect(parse(head)).toBeUndefined();
  expect(() => parse(`${head}x`)).toThrow("65536 bytes");
});
