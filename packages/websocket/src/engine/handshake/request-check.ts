import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { refuse } from "../../handshake";
import type { Refusal } from "../../handshake";

export type CheckedUpgrade = {
  /** What the client offers, in its order. */
  readonly subProtocols: readonly string[];
  /** By name. */
  readonly extensions: Offers;
};

export type Offers = Readonly<Record<string, readonly object[] | undefined>>;

// Public exports of ws that @types/ws does not know.
const { extension, subprotocol } = WebSocket as unknown as {
  readonly extension: { parse(header: string): Offers };
  readonly subprotocol: { parse(header: string): ReadonlySet<string> };
};

const KEY = /^[+/0-9A-Za-z]{22}==$/;
const AUTHORITY = /^(?:[A-Za-z0-9._~!$&'()*+;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?$/;
const NO_SUB_PROTOCOLS: readonly string[] = Object.freeze([]);
const NO_EXTENSIONS: Offers = Object.freeze({});

/**
 * How many headers Node keeps unless told otherwise. It drops those behind them without a word, among which there can be
 * a Content-Length or what a proxy says of its client.
 */
const KEPT_HEADERS = 1000;

/** What passes here is not refused by ws. */
export function checkUpgradeRequest(request: IncomingMessage): CheckedUpgrade | Refusal {
  if (request.rawHeaders.length >= 2 * KEPT_HEADERS) return refuse(431, "There are too many headers.");
  if (request.method !== "GET") {
    return refuse(405, "A WebSocket handshake is a GET request.", { Allow: "GET" });
  }
  const problem = framingProblem(request) ?? keyProblem(request);
  if (problem !== undefined) return refuse(400, problem);
  const subProtocols = parseSubProtocols(request);
  if (subProtocols === undefined) return refuse(400, "The Sec-WebSocket-Protocol header is malformed.");
  const extensions = parseExtensions(request);
  if (extensions === undefined) {
    return refuse(400, "The Sec-WebSocket-Extensions header is malformed.");
  }
  if (request.headers["sec-websocket-version"] !== "13") {
    return refuse(426, "Only version 13 of the WebSocket protocol is spoken here.", {
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
    });
  }
  return { subProtocols, extensions };
}

function framingProblem(request: IncomingMessage): string | undefined {
  const { httpVersionMajor: major, httpVersionMinor: minor, headers } = request;
  if (major < 1 || (major === 1 && minor < 1)) return "A WebSocket handshake needs HTTP/1.1.";
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return "The Upgrade header must name websocket and nothing else.";
  }
  if (!isAuthority(headers.host) || isRepeated(request, "host"))
    return "The Host header is missing or invalid.";
  if (
    headers["transfer-encoding"] !== undefined ||
    (headers["content-length"] !== undefined &&
      rawValues(request, "content-length").some((length) => length !== "0"))
  ) {
    return "A WebSocket handshake has no body.";
  }
  return undefined;
}

function keyProblem({ headers }: IncomingMessage): string | undefined {
  const key = headers["sec-websocket-key"];
  return key !== undefined && KEY.test(key)
    ? undefined
    : "The Sec-WebSocket-Key header is missing or invalid.";
}

function parseSubProtocols(request: IncomingMessage): readonly string[] | undefined {
  const header = request.headers["sec-websocket-protocol"];
  if (header === undefined) return NO_SUB_PROTOCOLS;
  if (isRepeated(request, "sec-websocket-protocol")) return undefined;
  try {
    return [...subprotocol.parse(header)];
  } catch {
    return undefined;
  }
}

function parseExtensions(request: IncomingMessage): Offers | undefined {
  // Unlike the others it may come in several lines (RFC 6455 9.1), which Node joins.
  const header = request.headers["sec-websocket-extensions"];
  if (header === undefined) return NO_EXTENSIONS;
  try {
    return extension.parse(header);
  } catch {
    return undefined;
  }
}

/** The first in the client's order that the handler supports, compared as written. */
export function firstSupported(
  requested: readonly string[],
  supported: readonly string[],
): string | undefined {
  return requested.find((name) => supported.includes(name));
}

/** Nearly all requests of a server name the same, and a URL is slow to parse. */
let lastAuthority: string | undefined;

/** Whether this is a host, with a port or without. */
export function isAuthority(host: string | undefined): host is string {
  if (host === undefined) return false;
  if (host === lastAuthority) return true;
  if (!AUTHORITY.test(host) || !URL.canParse(`http://${host}/`)) return false;
  lastAuthority = host;
  return true;
}

/**
 * From the raw headers. Node joins the lines of most names by a comma, which no single value that is right here holds;
 * this is for the names of which it drops all lines but the first, and those whose values may hold a comma.
 */
function isRepeated({ rawHeaders }: IncomingMessage, name: string): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (isNamed(rawHeaders[index]!, name)) count += 1;
  }
  return count > 1;
}

function rawValues({ rawHeaders }: IncomingMessage, name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && isNamed(rawHeaders[index - 1]!, name));
}

function isNamed(header: string, name: string): boolean {
  return header.length === name.length && header.toLowerCase() === name;
}
