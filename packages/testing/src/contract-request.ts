import type { ConnectOptions } from "./test-client-options";

/** A handshake, as far as a handshake handler decides by it. */
export type ContractRequest = Pick<ConnectOptions, "headers" | "origin" | "subProtocols"> & {
  /** Without the `?`, such as `"ticket=x"`. Default: none. */
  readonly query?: string;
  /** As it is asked for. Default: the `path` of the subject, with the name of each variable for its value. */
  readonly path?: string;
};

/** A sub-protocol that nobody supports. */
export const UNKNOWN_PROTOCOL = "vernal-contract-unknown";

/** What nobody means by a credential. */
const NONSENSE: readonly string[] = [
  "",
  "Bearer",
  "Bearer ",
  "Bearer a.b.c",
  "Basic",
  "Basic =",
  "%",
  "{}",
  "__proto__",
  "x".repeat(2000),
];

/** Alone in an `Authorization` no credentials either (IANA's registry of HTTP authentication schemes, and two more). */
const SCHEMES =
  /^(basic|bearer|concealed|digest|dpop|gnap|hoba|mutual|negotiate|ntlm|oauth|privatetoken|scram-sha-\S+|vapid|aws4-hmac-sha256)$/i;
/** A list of parameters, and no base64 with its `=` at the end. */
const PARAMETERS = /^[\w-]+\s*=\s*(?:"|[^\s=])/;
/** What the server has said before, or anybody may know. */
const PUBLIC_PARAMETERS = /^(realm|opaque|qop|algorithm|uri|nc)$/i;
/** Headers in which nobody looks for a credential, and which an answer may repeat. */
const PUBLIC_HEADERS =
  /^(accept(-.*)?|host|origin|referer|user-agent|x-(request|correlation)-id|traceparent|tracestate)$/i;

/** Nonsense where credentials usually stand. */
export function malformedRequests(subProtocols: readonly string[]): readonly ContractRequest[] {
  const requests = NONSENSE.flatMap((text): ContractRequest[] => [
    { headers: { Authorization: text } },
    { headers: { Cookie: text } },
    { headers: { Cookie: `session=${text}; token=${text}; =; %=%` } },
    { query: `token=${encodeURIComponent(text)}&ticket=${encodeURIComponent(text)}&token=again` },
  ]);
  const offers = [[UNKNOWN_PROTOCOL], ["bearer."], ["token."], ["bearer.a.b.c"]];
  return [
    ...requests.map((request) => ({ ...request, subProtocols })),
    ...offers.map((offer) => ({ subProtocols: [...subProtocols, ...offer] })),
  ];
}

/** Nonsense, and half of what is right, where this request has its credentials. */
export function malformedLike(
  request: ContractRequest,
  supported: readonly string[],
): readonly ContractRequest[] {
  const half = (value: string): string => value.slice(0, value.length / 2);
  const changes = [half, ...NONSENSE.map((text) => () => text)];
  const unchanged = JSON.stringify(withCredentials(request, supported, (value) => value));
  return changes
    .map((change) => withCredentials(request, supported, change))
    .filter((changed) => JSON.stringify(changed) !== unchanged);
}

/** The same without what could be a credential. */
export function withoutCredentials(request: ContractRequest, supported: readonly string[]): ContractRequest {
  const { headers = {}, query: _query, subProtocols = [], ...rest } = request;
  return {
    ...rest,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => PUBLIC_HEADERS.test(name))),
    subProtocols: subProtocols.filter((each) => supported.includes(each)),
  };
}

/** What could be a credential: the values, and neither names nor schemes. */
export function credentialsOf(request: ContractRequest, supported: readonly string[]): readonly string[] {
  const found: string[] = [];
  withCredentials(request, supported, (value) => {
    found.push(value);
    return value;
  });
  return found;
}

/** The same with other values where a credential could stand. */
function withCredentials(
  request: ContractRequest,
  supported: readonly string[],
  change: (value: string) => string,
): ContractRequest {
  const { headers = {}, query, subProtocols = [] } = request;
  const changed = Object.entries(headers).map(([name, text]) => [name, inHeader(name, text, change)]);
  return {
    ...request,
    headers: Object.fromEntries(changed) as Record<string, string>,
    ...(query === undefined ? {} : { query: inQuery(query, change) }),
    subProtocols: subProtocols.map((each) => (supported.includes(each) ? each : inProtocol(each, change))),
  };
}

function inHeader(name: string, text: string, change: (value: string) => string): string {
  if (PUBLIC_HEADERS.test(name)) return text;
  if (/^cookie$/i.test(name)) return text.replace(/(?<==)[^;]*/g, (value) => change(value));
  if (!/^(proxy-)?authorization$/i.test(name)) return change(text);
  if (SCHEMES.test(text)) return text;
  const [, scheme = "", rest = ""] = /^(\S+\s+)?(.*)$/s.exec(text)!;
  if (!PARAMETERS.test(rest)) return scheme + change(rest);
  return (
    scheme +
    rest.replace(/([\w-]+)(\s*=\s*"?)([^",]*)/g, (whole, key: string, sign: string, value: string) =>
      PUBLIC_PARAMETERS.test(key) ? whole : `${key}${sign}${change(value)}`,
    )
  );
}

/** Such as `bearer.` and a token. */
function inProtocol(text: string, change: (value: string) => string): string {
  const start = text.indexOf(".") + 1;
  return text.slice(0, start) + change(text.slice(start));
}

function inQuery(query: string, change: (value: string) => string): string {
  return query.replace(/(?<==)[^&]*/g, (value) => encodeURIComponent(change(decoded(value))));
}

/** A test may send what does not decode. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
