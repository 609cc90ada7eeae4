import type { HttpAnswer, RawConnection } from "@vernal/testing";
import { openRaw } from "./raw-connection";

/** Writes a request and reads what it is answered with: one whole HTTP response, after which the server ends. */
export async function answerAndEnd(port: number, request: string): Promise<HttpAnswer> {
  const connection = await openRaw(port);
  connection.write(request);
  if (request.startsWith("HEAD ")) return headAndEnd(connection);
  const answer = await connection.answer();
  const rest = await connection.ended();

  expect(Buffer.byteLength(answer.body)).toBe(Number(answer.headers["content-length"]));
  expect(answer.headers["content-length"]).toMatch(/^\d+$/);
  expect(answer.headers["connection"]).toMatch(/\bclose$/);
  expect(rest.toString()).toBe("");
  return answer;
}

/** The head says the length of a body that does not come. */
async function headAndEnd(connection: RawConnection): Promise<HttpAnswer> {
  const text = (await connection.ended()).toString("latin1");
  expect(text).toMatch(/^HTTP\/1\.1 \d{3} [^]*\r\nContent-Length: [1-9]\d*\r\n[^]*\r\n\r\n$/i);
  expect(text.indexOf("\r\n\r\n")).toBe(text.length - 4);
  expect(text).toMatch(/^Connection: (.*, )?close\r$/im);
  const lines = text.trimEnd().split("\r\n").slice(1);
  const headers = lines.map((line) => [line.replace(/:.*/, "").toLowerCase(), line.replace(/^.*?: */, "")]);
  return { status: Number(text.slice(9, 12)), headers: Object.fromEntries(headers) as never, body: "" };
}
