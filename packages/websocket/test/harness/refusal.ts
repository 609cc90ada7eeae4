import { RawConnection, type HttpAnswer } from "./raw-connection";
import { until } from "./until";

/** Writes a request and reads what it is answered with: one whole HTTP response, after which the server ends. */
export async function answerAndEnd(port: number, request: string): Promise<HttpAnswer> {
  const connection = await RawConnection.open(port);
  connection.write(request);
  const answer = await connection.answer();
  await until("the server to end the connection", () => connection.socket.readableEnded);
  const rest = await connection.end();

  if (request.startsWith("HEAD ")) expect(answer.body).toBe("");
  else expect(Buffer.byteLength(answer.body)).toBe(Number(answer.headers["content-length"]));
  expect(answer.headers["content-length"]).toMatch(/^\d+$/);
  expect(answer.headers["connection"]).toMatch(/\bclose$/);
  expect(rest.toString()).toBe("");
  return answer;
}
