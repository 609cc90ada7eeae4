import type { HttpAnswer } from "./http-answer";
import type { TestApplication } from "./test-application";
import type { ConnectOptions } from "./test-client-options";

/** A handshake, as far as a handshake handler decides by it. */
export type ContractRequest = Pick<ConnectOptions, "headers" | "origin" | "subProtocols"> & {
  /** Without the `?`, such as `"ticket=x"`. Default: none. */
  readonly query?: string;
};

/** What nobody means by a credential, where credentials usually stand. */
export const MALFORMED_REQUESTS: readonly ContractRequest[] = [
  "",
  "Bearer",
  "Bearer ",
  "Bearer a.b.c",
  "Basic",
  "Basic =",
  "%",
  "{}",
  "__proto__",
  "x".repeat(4000),
].flatMap((text): ContractRequest[] => [
  { headers: { Authorization: text } },
  { headers: { Cookie: text } },
  { headers: { Cookie: `session=${text}; token=${text}; =; %=%` } },
  { query: `token=${encodeURIComponent(text)}&ticket=${encodeURIComponent(text)}&token=again` },
]);

/** Byte by byte: a client would refuse to send some, and leaves where none of its sub-protocols is taken. */
export async function answerTo(application: TestApplication, request: ContractRequest): Promise<HttpAnswer> {
  const { headers = {}, origin, subProtocols = [] } = request;
  await using connection = await application.openConnection();
  const offer = subProtocols.length === 0 ? {} : { "Sec-WebSocket-Protocol": subProtocols.join(", ") };
  return await connection.upgrade(pathOf(request), { ...offer, Origin: origin, ...headers });
}

/** The user of the session that a handshake opens; rejects where it opens none. */
export async function userOf(
  application: TestApplication,
  request: ContractRequest,
): Promise<string | undefined> {
  const { query: _query, ...options } = request;
  const client = await application.connect(pathOf(request), options);
  return application.sessionOf(client).principal?.name;
}

/** What the application has logged last as a warning or worse, for the text of a failure. */
export function lastProblemOf(application: TestApplication): string {
  const last = application.log.findLast(({ level }) => level >= 40);
  const { message } = (last?.err ?? {}) as { readonly message?: string };
  return last === undefined
    ? ""
    : `; the log says: ${last.msg}${message === undefined ? "" : `: ${message}`}`;
}

function pathOf({ query }: ContractRequest): string {
  return query === undefined ? "/ws" : `/ws?${query}`;
}
