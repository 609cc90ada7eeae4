import { notAnAnswer } from "./errors";
import type { HttpAnswer } from "./http-answer";
import { describeBytes } from "./raw-frame";

const LINE_END = "\r\n";
const HEAD_END = "\r\n\r\n";
/** Four times what Node lets a server or a client send. Looked through anew with each read. */
const LONGEST_HEAD_BYTES = 65_536;
const BEGINNING = "HTTP/1.";

/** A part of the input, and where it ends there. */
interface Part<T> {
  readonly value: T;
  readonly end: number;
}

/**
 * The first answer in `input`, with the bytes that it takes there; `undefined` until all of it has come.
 *
 * @param call what the test called.
 * @throws VernalError `VERNAL_TEST_WRONG_KIND` for what is no answer.
 */
export function parseRawAnswer(
  call: string,
  input: Buffer,
): { readonly answer: HttpAnswer; readonly byteLength: number } | undefined {
  const fail = (): Error => notAnAnswer(call, describeBytes(input));
  if (!BEGINNING.startsWith(input.toString("latin1", 0, BEGINNING.length))) throw fail();
  const headEnd = input.subarray(0, LONGEST_HEAD_BYTES).indexOf(HEAD_END);
  if (headEnd === -1) {
    if (input.length >= LONGEST_HEAD_BYTES) throw fail();
    return undefined;
  }
  const [statusLine = "", ...lines] = input.subarray(0, headEnd).toString("latin1").split(LINE_END);
  const [, digits] = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine) ?? [];
  if (digits === undefined) throw fail();
  const status = Number(digits);
  const fields = fieldsOf(lines, fail);
  const body = bodyOf(status, fields, input, headEnd + HEAD_END.length, fail);
  return (
    body && {
      answer: { status, headers: headersOf(fields), body: body.value.toString() },
      byteLength: body.end,
    }
  );
}

/** By their names in lower case. */
type Fields = ReadonlyMap<string, readonly string[]>;

function fieldsOf(lines: readonly string[], fail: () => Error): Fields {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw fail();
    const name = line.slice(0, colon).toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return fields;
}

/** RFC 9110 section 5.3: in one line, but for the one header whose values have commas. */
function headersOf(fields: Fields): HttpAnswer["headers"] {
  return Object.fromEntries(
    [...fields].map(([name, values]) => [name, name === "set-cookie" ? [...values] : values.join(", ")]),
  );
}

function bodyOf(
  status: number,
  fields: Fields,
  input: Buffer,
  start: number,
  fail: () => Error,
): Part<Buffer> | undefined {
  // RFC 9112 section 6.3: these have none, whatever they say.
  if (status < 200 || status === 204 || status === 304) return { value: Buffer.alloc(0), end: start };
  if (/\bchunked$/i.test(fields.get("transfer-encoding")?.join() ?? "")) return chunksOf(input, start, fail);
  const length = fields.get("content-length")?.join() ?? "0";
  if (!/^\d+$/.test(length)) throw fail();
  const end = start + Number(length);
  return input.length < end ? undefined : { value: input.subarray(start, end), end };
}

/** RFC 9112 section 7.1. What stands behind the last chunk is left out. */
function chunksOf(input: Buffer, start: number, fail: () => Error): Part<Buffer> | undefined {
  const chunks: Buffer[] = [];
  let line = lineOf(input, start);
  while (line !== undefined) {
    const [, digits] = /^([\da-f]+)[ \t]*(?:;|$)/i.exec(line.value) ?? [];
    if (digits === undefined) throw fail();
    const length = Number.parseInt(digits, 16);
    if (length === 0) return behindTrailers(Buffer.concat(chunks), input, line.end);
    const end = line.end + length;
    if (input.length < end + LINE_END.length) return undefined;
    if (input.toString("latin1", end, end + LINE_END.length) !== LINE_END) throw fail();
    chunks.push(input.subarray(line.end, end));
    line = lineOf(input, end + LINE_END.length);
  }
  return undefined;
}

function behindTrailers(body: Buffer, input: Buffer, start: number): Part<Buffer> | undefined {
  let line = lineOf(input, start);
  while (line !== undefined && line.value !== "") line = lineOf(input, line.end);
  return line && { value: body, end: line.end };
}

function lineOf(input: Buffer, start: number): Part<string> | undefined {
  const end = input.indexOf(LINE_END, start);
  return end === -1 ? undefined : { value: input.toString("latin1", start, end), end: end + LINE_END.length };
}
