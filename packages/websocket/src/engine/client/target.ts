import { validateHeaderName, validateHeaderValue } from "node:http";
import { invalidArgument } from "../../errors";
import type { ConnectionLimits } from "../../options";
import type { ClientHandshakeOptions } from "../../websocket-client-options";
import type { SubProtocolCapable, WebSocketHandler } from "../../websocket-handler";
import { WebSocketHandlerDecorator } from "../../websocket-handler-decorator";
import type { Target } from "./dial";

export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** Headers of the connection itself (RFC 6455 section 4.1, RFC 9110 section 7.6.1), which ws and Node write. */
const OWNED_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** A token (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/**
 * Puts a handshake together.
 *
 * @param options those of one call; theirs win over `defaults`.
 * @throws VernalError for what no handshake can carry.
 */
export function targetOf(
  url: string | URL,
  handler: WebSocketHandler,
  options: ClientHandshakeOptions,
  defaults: ClientHandshakeOptions,
  limits: ConnectionLimits,
): Target {
  const parsed = parseUrl(url);
  const own = (WebSocketHandlerDecorator.unwrap(handler) as Partial<SubProtocolCapable>).subProtocols;
  return {
    url: parsed,
    address: `${parsed.protocol}//${parsed.host}${parsed.pathname}`,
    headers: mergeHeaders(defaults.headers, options.headers),
    subProtocols: checkSubProtocols(options.subProtocols ?? defaults.subProtocols ?? own ?? []),
    origin: checkOrigin(options.origin ?? defaults.origin),
    tls: options.tls ?? defaults.tls,
    timeoutMs: options.connectTimeoutMs ?? defaults.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    limits,
  };
}

/** @throws VernalError for anything that is no address of a WebSocket. */
export function parseUrl(url: string | URL): URL {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // Reported below, with all the others.
  }
  const isFit = parsed !== undefined && /^wss?:$/.test(parsed.protocol) && parsed.hash === "";
  if (isFit) return parsed!;
  throw invalidArgument(
    "WebSocketClient",
    shown(parsed, url),
    `a url such as "wss://chat.example.com/ws/chat", with the scheme ws or wss and without a fragment`,
  );
}

/** A url may carry a token or a password, and one that cannot be read may have it anywhere. */
function shown(parsed: URL | undefined, url: unknown): unknown {
  if (parsed !== undefined) return `${parsed.protocol}//${parsed.host}…`;
  return typeof url === "string" ? "a text that is no url" : url;
}

function mergeHeaders(
  ...all: readonly (Readonly<Record<string, string>> | undefined)[]
): Readonly<Record<string, string>> {
  const merged = new Map<string, [name: string, value: string]>();
  for (const headers of all) {
    for (const [name, value] of Object.entries(headers ?? {})) {
      checkHeader(name, value);
      merged.set(name.toLowerCase(), [name, value]);
    }
  }
  return Object.fromEntries(merged.values());
}

function checkHeader(name: string, value: string): void {
  const where = "The option headers of WebSocketClient";
  if (OWNED_HEADERS.has(name.toLowerCase())) {
    throw invalidArgument(
      where,
      name,
      "no header that the protocol owns: sub-protocols go into subProtocols, the host into the url",
    );
  }
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    // Not the value: it may be a token.
    throw invalidArgument(
      where,
      name,
      "headers whose names are tokens and whose values have no control characters",
    );
  }
}

function checkOrigin(origin: string | undefined): string | undefined {
  if (origin !== undefined) checkHeader("Origin", origin);
  return origin;
}

function checkSubProtocols(names: readonly string[]): readonly string[] {
  const wrong = names.find((name, index) => !TOKEN.test(name) || names.indexOf(name) !== index);
  if (wrong === undefined) return names;
  throw invalidArgument(
    "The option subProtocols of WebSocketClient",
    wrong,
    "names without spaces and commas, each once (RFC 6455 section 4.1)",
  );
}
