import { STATUS_CODES } from "node:http";
import { VernalError, type HandshakeAnswer } from "@vernal/websocket";
import { displayValue } from "./display-value";
import { reasonOf } from "./reason-of";

// Every text of this package stands here and, for the contract suites, in contract-errors.ts; those of a session itself
// session-errors.ts repeats. The comments say when, and docs/reference/errors.md is made of them and of what their examples
// return.

/** What a wait has to say when it was in vain. */
export interface Wait {
  /** What was called, and on what: `next() of the client of /ws/chat`. */
  readonly call: string;
  /** What was waited for: `a message`. */
  readonly awaited: string;
  readonly waitedMs: number;
  /** What has come up to now, each as it is to be read, oldest first. */
  readonly arrived: readonly string[];
  /** How the session ended, such as `1011`; `undefined` while it is open. */
  readonly end: string | undefined;
  /** Whether the test has told the client to read nothing. Default `false`. */
  readonly isPaused?: boolean;
  /** What the application has logged as a warning or worse. */
  readonly log: readonly string[];
}

/**
 * What a test waits for has not come in time: a message, a frame, the end of a session, a condition. It says what came
 * instead.
 *
 * @example timedOut({
 *   call: "next() of the client of /ws/chat", awaited: "a message", waitedMs: 2000,
 *   arrived: ['"hello" (taken)'], end: undefined, log: [],
 * })
 * @example timedOut({
 *   call: "closed() of the client of /ws/chat", awaited: "the end of the session", waitedMs: 500,
 *   arrived: ['"hello" (not taken)'], end: undefined,
 *   log: ["error: a callback failed, the session closes: TypeError: history is not iterable"],
 * })
 */
export function timedOut(wait: Wait): VernalError {
  return new VernalError(
    "VERNAL_TEST_TIMEOUT",
    `${wait.call} waited ${wait.waitedMs} ms in vain for ${wait.awaited}. ${circumstances(wait)}` +
      `See what should have caused it, or give more time with timeoutMs.`,
  );
}

/**
 * The condition of an `until` did not become true in time.
 *
 * @example untilTimedOut("both sessions to be open", 2000)
 */
export function untilTimedOut(what: string, waitedMs: number): VernalError {
  return new VernalError(
    "VERNAL_TEST_TIMEOUT",
    `until() waited ${waitedMs} ms in vain for: ${what}. ` +
      `See what should have caused it, or give more time with timeoutMs.`,
  );
}

/**
 * What a test waits for can no longer come, because the session or the connection has ended.
 *
 * @example ended({
 *   call: "next() of the client of /ws/chat", awaited: "a message", waitedMs: 3, arrived: [],
 *   end: "1011", log: ["error: a callback failed, the session closes: TypeError: history is not iterable"],
 * })
 */
export function ended(wait: Wait, awaitEnd = "closed()"): VernalError {
  return new VernalError(
    "VERNAL_TEST_ENDED",
    `${wait.call} waited ${wait.waitedMs} ms for ${wait.awaited}, and the end came first. ${circumstances(wait)}` +
      `Where that end is right, wait for it with ${awaitEnd}.`,
  );
}

/**
 * The next message was of another kind than was asked for: binary instead of text, text that is no JSON.
 *
 * @example wrongKind("nextJson() of the client of /ws/chat", '"hello"', "JSON")
 * @example wrongKind("nextText() of the client of /ws/chat", "2 bytes of binary: ff 00", "text")
 */
export function wrongKind(call: string, arrived: string, expected: string, cause?: unknown): VernalError {
  return new VernalError(
    "VERNAL_TEST_WRONG_KIND",
    `${call} got ${arrived}, which is not ${expected}. Take it with next(), or see what the handler sends.`,
    cause === undefined ? {} : { cause },
  );
}

/**
 * A raw connection was asked for an answer of HTTP, and what has come is none: a frame, or a head or a body that HTTP does
 * not know.
 *
 * @example notAnAnswer("answer() of the raw connection", "7 bytes: 81 05 68 65 6c 6c 6f")
 */
export function notAnAnswer(call: string, arrived: string): VernalError {
  return new VernalError(
    "VERNAL_TEST_WRONG_KIND",
    `${call} got ${arrived}, which is no answer of HTTP. ` +
      `Take a frame with nextFrame(), or see what the server sends: ended() gives all of it.`,
  );
}

/**
 * The server refused a handshake that a test asked for with `connect` or `connectTestClient`; the answer stands in `answer`.
 *
 * @example handshakeRefused('connect("/ws/chat")', { status: 403, headers: {} }, "This origin is not allowed.", [])
 */
export function handshakeRefused(
  call: string,
  answer: HandshakeAnswer,
  body: string,
  log: readonly string[],
): VernalError {
  const said = body === "" ? "" : ` and ${cut(JSON.stringify(body))}`;
  return new VernalError(
    "VERNAL_TEST_HANDSHAKE_REFUSED",
    `${call} was answered with ${withGap(`${statusText(answer.status)}${said}.${logText(log)}`)}` +
      `Where the refusal is right, look at the answer of this error, or ask with refusal() of a test application.`,
    { answer },
  );
}

/**
 * The server let in a client whose refusal a test asked for with `refusal`. The session has been ended.
 *
 * @example notRefused("/ws/chat")
 */
export function notRefused(path: string): VernalError {
  return new VernalError(
    "VERNAL_TEST_NOT_REFUSED",
    `refusal(${JSON.stringify(path)}) was answered with 101: the session opened. ` +
      `See which check should have refused it, or open it with connect().`,
  );
}

/**
 * A handshake has led neither to a session nor to a refusal: the connection ended before, or the client does not take the
 * answer.
 *
 * @example noHandshake('connect("/ws/chat")', new Error("socket hang up"))
 * @example noHandshake('connect("/ws/chat")', new Error("Server sent no subprotocol"))
 * @example noHandshake(
 *   'connectTestClient("ws://localhost:8080/ws")',
 *   Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8080"), { code: "ECONNREFUSED" }),
 * )
 */
export function noHandshake(call: string, cause: unknown): VernalError {
  const reason = reasonOf(cause);
  return new VernalError(
    "VERNAL_TEST_NO_HANDSHAKE",
    `${call} has led to no session: ${reason}. ${cureOf(cause, reason)}`,
    { cause },
  );
}

function cureOf(cause: unknown, reason: string): string {
  if (reason.includes("subprotocol")) {
    return "A client leaves where none of its subProtocols is taken: offer what the handler supports.";
  }
  switch ((cause as { readonly code?: unknown } | undefined)?.code) {
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "See whether the server has started, and whether that is its address.";
    case "EADDRNOTAVAIL":
      return "Give it a remoteAddress that this machine has.";
    default:
      return "See whether something has closed the application or cut the connection before the handshake was done.";
  }
}

/**
 * The options of a handshake hold what no request can, such as a header with a line break.
 *
 * @example invalidHandshake('connect("/ws/chat")', new TypeError('Invalid character in header content ["x-user"]'))
 */
export function invalidHandshake(call: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_TEST_INVALID_ARGUMENT",
    `${call} cannot be written as a request: ${reasonOf(cause)}. ` +
      `Correct that option, or write the request yourself with openConnection().`,
    { cause },
  );
}

/**
 * A connection was asked for at a test application that has been closed.
 *
 * @example applicationClosed('connect("/ws/chat")')
 */
export function applicationClosed(call: string): VernalError {
  return new VernalError(
    "VERNAL_TEST_APPLICATION_CLOSED",
    `${call} was called on a test application that has been closed. Start another one, or close it later.`,
  );
}

/**
 * A test application was closed and needs time to pass, for a callback that does not settle, and fake timers let none
 * pass.
 *
 * @example clocksStandStill(3500, 1)
 */
export function clocksStandStill(waitedMs: number, openSessions: number): VernalError {
  return new VernalError(
    "VERNAL_TEST_CLOCKS_STAND_STILL",
    `close() waited ${waitedMs} ms in vain for the application to end. Its open sessions: ${openSessions}. ` +
      `Fake timers keep its drainTimeoutMs from passing. Let the callbacks of the handler settle, advance the timers, or ` +
      `give the real ones back before it closes.`,
  );
}

/**
 * Something was sent on a client whose session has ended.
 *
 * @example clientEnded("send() of the client of /ws/chat", "1000")
 */
export function clientEnded(call: string, end: string): VernalError {
  return new VernalError(
    "VERNAL_TEST_CLIENT_ENDED",
    `${call} cannot reach anybody: the session ended with ${end}. Send before that, or connect another client.`,
  );
}

/**
 * The session of a client was asked for that has ended, or that is another application's.
 *
 * @example noSession("/ws/chat")
 */
export function noSession(path: string): VernalError {
  return new VernalError(
    "VERNAL_TEST_NO_SESSION",
    `sessionOf() found no open session of the client of ${path}. ` +
      `Ask before it ends, and the application that it has connected to.`,
  );
}

/**
 * A handler that is tested without a socket asked for the socket.
 *
 * @example noSocket()
 */
export function noSocket(): VernalError {
  return new VernalError(
    "VERNAL_TEST_NO_SOCKET",
    `A RecordingSession has no native WebSocket. Test what needs one with startTestApplication.`,
  );
}

/**
 * `registerContract` found no test runner.
 *
 * @example noTestRunner()
 */
export function noTestRunner(): VernalError {
  return new VernalError(
    "VERNAL_TEST_NO_RUNNER",
    `There is no global describe and it. Give those of your runner: ` +
      `registerContract(title, cases, { describe, it }), imported from "vitest" or "node:test".`,
  );
}

/**
 * A function of this package was called with an argument that it cannot take; thrown there.
 *
 * @example invalidTestArgument("session.dropSends", -1, "a whole number of 0 or more")
 */
export function invalidTestArgument(where: string, value: unknown, expected: string): VernalError {
  return new VernalError(
    "VERNAL_TEST_INVALID_ARGUMENT",
    `${where} got ${displayValue(value)}. Give it ${expected}.`,
  );
}

const MOST_SHOWN = 10;
const LONGEST_SHOWN = 200;

/** What came, how it ended, and what was logged, as sentences. */
function circumstances({ arrived, end, isPaused = false, log }: Wait): string {
  const shown = arrived.slice(-MOST_SHOWN).map((each) => `\n  ${each}`);
  const left = arrived.length - shown.length;
  const what =
    arrived.length === 0
      ? "Nothing had come."
      : `What had come:${left > 0 ? `\n  (${left} more)` : ""}${shown.join("")}\n`;
  const open = isPaused ? "It is still open, and reads nothing until resume()." : "It is still open.";
  const ending = end === undefined ? open : `It ended with ${end}.`;
  return `${withGap(what)}${withGap(`${ending}${logText(log)}`)}`;
}

function logText(log: readonly string[]): string {
  if (log.length === 0) return "";
  return ` The application logged:${log
    .slice(-MOST_SHOWN)
    .map((each) => `\n  ${cut(each)}`)
    .join("")}\n`;
}

/** A text with what has to stand between it and the next. */
function withGap(text: string): string {
  return text.endsWith("\n") ? text : `${text} `;
}

function statusText(status: number): string {
  const name = STATUS_CODES[status];
  return name === undefined ? String(status) : `${status} ${name}`;
}

/** A text in a length that can be read. */
function cut(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
