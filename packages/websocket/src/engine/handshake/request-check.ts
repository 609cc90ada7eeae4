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
  if (onlyValue(request, "sec-websocket-version") !== "13") {
    return refuse(426, "Only version 13 of the WebSocket protocol is spoken here.", {
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
    });
  }
  return { subProtocols, extensions };
}

function framingProblem(request: IncomingMessage): string | undefined {
  const { httpVersionMajor: major, httpVersionMinor: minor } = request;
  if (major < 1 || (major === 1 && minor < 1)) return "A WebSocket handshake needs HTTP/1.1.";
  if (onlyValue(request, "upgrade")?.toLowerCase() !== "websocket") {
    return "The Upgrade header must name websocket and nothing else.";
  }
  if (!isAuthority(onlyValue(request, "host"))) return "The Host header is missing or invalid.";
  if (
    rawValues(request, "content-length").some((length) => length !== "0") ||
    rawValues(request, "transfer-encoding").length > 0
  ) {
    return "A WebSocket handshake has no body.";
  }
  return undefined;
}

function keyProblem(request: IncomingMessage): string | undefined {
  const key = onlyValue(request, "sec-websocket-key");
  return key !== undefined && KEY.test(key)
    ? undefined
    : "The Sec-WebSocket-Key header is missing or invalid.";
}

function parseSubProtocols(request: IncomingMessage): readonly string[] | undefined {
  if (request.headers["sec-websocket-protocol"] === undefined) return NO_SUB_PROTOCOLS;
  const header = onlyValue(request, "sec-websocket-protocol");
  if (header === undefined) return undefined;
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

/** Whether this is a host, with a port or without. */
export function isAuthority(host: string | undefined): host is string {
  return host !== undefined && AUTHORITY.test(host) && URL.canParse(`http://${host}/`);
}

function onlyValue(request: IncomingMessage, name: string): string | undefined {
  const values = rawValues(request, name);
  return values.length === 1 ? values[0] : undefined;
}

/** From the raw headers, because Node drops or joins repeated ones in `headers`. */
function rawValues(request: IncomingMessage, name: string): string[] {
  const { rawHeaders } = request;
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] as string;
    if (header.length === name.length && header.toLowerCase() === name)
      values.push(rawHeaders[index + 1] as string);
  }
  return values;
}
