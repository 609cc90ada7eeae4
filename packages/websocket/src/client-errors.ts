import { STATUS_CODES } from "node:http";
import { reasonOf, sentence, VernalError, type HandshakeAnswer } from "./errors";

// The catalogue of what clients throw.

/**
 * `WebSocketClient.execute` got no connection: nobody answered, or not as a WebSocket server does. A
 * `WebSocketConnectionManager` tries again.
 *
 * @example cannotConnect("ws://localhost:8080/ws/chat", { code: "ECONNREFUSED" })
 * @example cannotConnect("wss://chat.invalid/ws/chat", { code: "ENOTFOUND" })
 * @example cannotConnect("wss://localhost/ws/chat", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })
 * @example cannotConnect("wss://localhost/ws/chat", { code: "ERR_TLS_CERT_ALTNAME_INVALID" })
 * @example cannotConnect("wss://localhost:8080/ws/chat", { code: "EPROTO" })
 * @example cannotConnect("ws://localhost:8080/ws/chat", { code: "ECONNRESET" })
 * @example cannotConnect("ws://localhost:8080/ws/chat", new Error("Server sent no subprotocol"))
 */
export function cannotConnect(address: string, cause: unknown): VernalError {
  const problem = CONNECT_PROBLEMS[codeOf(cause) ?? ""] ?? `${firstReasonOf(cause)}. ${cureOf(cause)}`;
  return new VernalError("VERNAL_CANNOT_CONNECT", `There is no connection to ${address}: ${problem}.`, {
    cause,
  });
}

const UNKNOWN_NAME =
  "the name of the host has no address. Mend the url, or see whether this machine has a network";
const UNTRUSTED =
  "nobody whom this machine trusts has signed its certificate. Give the certificate of its authority by tls: { ca }";
const CONNECT_PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there. Start the server, or mend host and port of the url",
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  ECONNRESET: "the server cut it before it answered. See its log",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is for another host. Take the name that stands in it, or tls: { servername }",
  CERT_HAS_EXPIRED: "its certificate has expired. Renew it on the server",
  EPROTO: "the two do not agree on TLS. Where the server speaks none, take ws:// instead of wss://",
};

function cureOf(cause: unknown): string {
  return /subprotocol/.test(reasonOf(cause))
    ? "Offer in subProtocols what the server supports, or nothing"
    : "See whether a WebSocket server answers there, and what its log says";
}

/**
 * `WebSocketClient.execute` had no answer to its handshake within `connectTimeoutMs`. A `WebSocketConnectionManager` tries
 * again.
 *
 * @example connectTimeout("wss://chat.example.com/ws/chat", 10000)
 */
export function connectTimeout(address: string, timeoutMs: number): VernalError {
  return new VernalError(
    "VERNAL_CONNECT_TIMEOUT",
    `There is no connection to ${address}: the handshake was not answered within ${timeoutMs} ms. ` +
      `See whether the server is reached and has time, or raise connectTimeoutMs.`,
  );
}

/**
 * The server answered the handshake of `WebSocketClient.execute` with another status than 101; it stands in `answer`. A
 * `WebSocketConnectionManager` tries again after what will pass, such as 503.
 *
 * @example handshakeRefused("wss://chat.example.com/ws/chat", { status: 401, headers: {} })
 * @example handshakeRefused("wss://chat.example.com/ws/chat", { status: 403, headers: {} })
 * @example handshakeRefused("wss://chat.example.com/ws/chat", { status: 404, headers: {} })
 * @example handshakeRefused("wss://chat.example.com/ws/chat", { status: 503, headers: {} })
 * @example handshakeRefused("wss://chat.example.com/ws/chat", { status: 302, headers: {} })
 */
export function handshakeRefused(address: string, answer: HandshakeAnswer): VernalError {
  const { status } = answer;
  const name = STATUS_CODES[status];
  return new VernalError(
    "VERNAL_HANDSHAKE_REFUSED",
    `${address} answered the handshake with ${name === undefined ? status : `${status} ${name}`}. ${refusalCure(status)}`,
    { answer },
  );
}

function refusalCure(status: number): string {
  if (status === 401) return "Say who you are, by a header or in the url, with a token that still holds.";
  if (status === 403)
    return "See what the server lets in; where it asks for an origin, give the option origin.";
  if (status === 404) return "Mend the path of the url, or register a handler for it.";
  if (status === 429 || status >= 500)
    return "Try again later, as WebSocketConnectionManager does by itself.";
  if (status < 400) return "Redirects are not followed: give the url of the WebSocket itself.";
  return "See the log of the server for its reason.";
}

/**
 * `WebSocketClient.execute` was called on a client that has been closed, or was not finished when it was.
 *
 * @example clientClosed()
 */
export function clientClosed(): VernalError {
  return new VernalError(
    "VERNAL_CLIENT_CLOSED",
    "This WebSocketClient has been closed and opens no more sessions. Make another one.",
  );
}

/**
 * The function that a `WebSocketConnectionManager` asks for its url or its headers threw or rejected. It is asked again
 * before the next attempt.
 *
 * @example targetFailed("url", new Error("no token"))
 */
export function targetFailed(option: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_TARGET_FAILED",
    `The function for ${option} failed: ${sentence(cause)} It is asked again before the next attempt; mend what throws there.`,
    { cause },
  );
}

/** The code of an error of Node. */
function codeOf(thrown: unknown): string | undefined {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** Node leaves the text of an error empty where a host has several addresses and none could be reached. */
function firstReasonOf(thrown: unknown): string {
  const { errors } = (thrown ?? {}) as { errors?: readonly unknown[] };
  const reason = reasonOf(thrown) || reasonOf(errors?.[0] ?? codeOf(thrown) ?? "it gave no reason");
  return reason.replace(/\.$/, "");
}
