/** An answer of HTTP with which a server refused a handshake. */
export interface HandshakeAnswer {
  readonly status: number;
  /** With names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * What Vernal throws. Tell errors apart by `code`, which is permanent, and not by `instanceof`: two copies of a
 * package have two classes. The text says what happened with the actual values, where, and how to fix it.
 */
export class VernalError extends Error {
  override readonly name = "VernalError";
  readonly code: string;
  /** What a failed start found, one error each; empty for every other error. */
  readonly problems: readonly VernalError[];
  // Private, because loggers write what they see of an error, and headers carry cookies.
  readonly #answer: HandshakeAnswer | undefined;

  constructor(
    code: string,
    text: string,
    options: {
      readonly cause?: unknown;
      readonly problems?: readonly VernalError[];
      readonly answer?: HandshakeAnswer;
    } = {},
  ) {
    super(`[${code}] ${text}`, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.problems = options.problems ?? [];
    this.#answer = options.answer;
  }

  /** What the server answered that refused a handshake of `WebSocketClient`; `undefined` for every other error. */
  get answer(): HandshakeAnswer | undefined {
    return this.#answer;
  }
}

// The catalogue, with its parts in wiring-errors.ts, injection-errors.ts and client-errors.ts: every text of this package
// stands there and nowhere else. The comments say when, and docs/reference/errors.md is made of them and of what their
// examples return.

/**
 * Something that boot asked, such as a getter of a handler, threw where nothing was expected to.
 *
 * @example bootBroken(new Error("no such table"))
 */
export function bootBroken(cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_BOOT_BROKEN",
    `The wiring broke off: ${sentence(cause)} Mend what throws there.`,
    { cause },
  );
}

/**
 * A factory or a `start()` waits for something that will never come, so that nothing keeps the process alive.
 *
 * @example bootStuck("Database.start()")
 */
export function bootStuck(waitingFor: string): VernalError {
  return new VernalError(
    "VERNAL_BOOT_STUCK",
    `The start waits for ${waitingFor}, and nothing is left that could end the wait. ` +
      `Let its promise settle: look for a callback that is never called.`,
  );
}

/**
 * The start failed, and nothing runs. The report lists every problem that was found; this is what `run` prints to
 * standard error, and what `start` and `attach` reject with.
 *
 * @example bootFailed([
 *   optionOutOfRange("the application", "port", 70000, "a whole number from 0 to 65535"),
 *   optionOutOfRange("ChatHandler", "maxMessageBytes", -1, "a whole number from 1 to 1073741824"),
 * ])
 */
export function bootFailed(problems: readonly VernalError[]): VernalError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const list = problems.map((problem, index) => `\n\n  ${index + 1}. ${problem.message}`).join("");
  // The texts say what was thrown, and not where.
  const hint = problems.some(({ cause, code }) => cause !== undefined && code !== "VERNAL_CANNOT_LISTEN")
    ? "\n\nStart with LOG_LEVEL=debug for the stack of what was thrown."
    : "";
  return new VernalError("VERNAL_BOOT_FAILED", `The application cannot start: ${count}.${list}${hint}\n`, {
    problems,
  });
}

/**
 * An option of the application, of a handler or of a client has a value that it cannot have; a client throws it at once.
 *
 * @example optionOutOfRange("ChatHandler", "maxMessageBytes", -1, "a whole number from 1 to 1073741824")
 */
export function optionOutOfRange(where: string, option: string, value: unknown, range: string): VernalError {
  return new VernalError(
    "VERNAL_OPTION_OUT_OF_RANGE",
    `The option ${option} of ${where} is ${display(value)}. Give it ${range}, or leave it out for the default.`,
  );
}

/**
 * There is no option of this name. TypeScript says so too, where it is asked; a client throws it at once.
 *
 * @example unknownOption("ChatHandler", "allowedOrigin", "WebSocketHandlerOptions", "allowedOrigins")
 * @example unknownOption("WebSocketClient", "retries", "WebSocketClientOptions", undefined)
 */
export function unknownOption(
  where: string,
  option: string,
  type: string,
  nearest: string | undefined,
): VernalError {
  const cure =
    nearest === undefined ? `Take it out; the type ${type} has those there are.` : `Did you mean ${nearest}?`;
  return new VernalError("VERNAL_UNKNOWN_OPTION", `There is no option ${option} of ${where}. ${cure}`);
}

/**
 * An option has the name that ws, Socket.IO or NestJS give it.
 *
 * @example foreignOption("the application", "maxPayload", "maxMessageBytes")
 */
export function foreignOption(where: string, option: string, counterpart: string): VernalError {
  return new VernalError(
    "VERNAL_UNKNOWN_OPTION",
    `There is no option ${option} of ${where}. Its counterpart is ${counterpart}.`,
  );
}

/**
 * An option stands where it means nothing.
 *
 * @example misplacedOption("the application", "allowedOrigins", "each handler: give it to its decorator or to setOptions")
 * @example misplacedOption("the application", "port", "the server, which is the host's here")
 * @example misplacedOption("WebSocketClient.execute", "maxMessageBytes", "the client: give it to new WebSocketClient")
 */
export function misplacedOption(where: string, option: string, home: string): VernalError {
  return new VernalError(
    "VERNAL_UNKNOWN_OPTION",
    `There is no option ${option} of ${where}. It is one of ${home}.`,
  );
}

/**
 * The option `trustedProxies` holds something that is no address and no network.
 *
 * @example invalidTrustedProxy("nginx.internal")
 * @example invalidTrustedProxy("10.0.0.0/33")
 */
export function invalidTrustedProxy(entry: string): VernalError {
  return new VernalError(
    "VERNAL_INVALID_TRUSTED_PROXY",
    `The option trustedProxies of the application holds ${display(entry)}, which is no address and no network. ` +
      `Write an address such as "127.0.0.1" or "::1", or a network such as "10.0.0.0/8" or "fd00::/8"; ` +
      `names are not looked up.`,
  );
}

/**
 * `start()` of a component or of a provided value threw or rejected. The components that were made are disposed.
 *
 * @example startFailed("Database", new Error("connect ECONNREFUSED 127.0.0.1:5432"))
 */
export function startFailed(name: string, cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_START_FAILED",
    `${name}.start() failed: ${sentence(cause)} Mend that, and start again; what had been made was disposed.`,
    { cause },
  );
}

/**
 * The server cannot listen on its port or its address.
 *
 * @example cannotListen("*:8080", { code: "EADDRINUSE" })
 * @example cannotListen("*:80", { code: "EACCES" })
 * @example cannotListen("192.0.2.1:8080", { code: "EADDRNOTAVAIL" })
 * @example cannotListen("chat.invalid:8080", { code: "ENOTFOUND" })
 */
export function cannotListen(address: string, cause: NodeJS.ErrnoException): VernalError {
  const unknownName =
    "the name of the host has no address. Mend the option host, or leave it out to listen on all";
  const problems: Readonly<Record<string, string>> = {
    EADDRINUSE: "something listens there already. Stop it, or give another port (0 takes a free one)",
    EACCES: "this user may not open that port. Take one above 1023",
    EADDRNOTAVAIL: "this machine has no such address. Leave the option host out to listen on all",
    ENOTFOUND: unknownName,
    EAI_AGAIN: unknownName,
  };
  const problem = problems[cause.code ?? ""] ?? `${reasonOf(cause)}. Check the options port, host and tls`;
  return new VernalError("VERNAL_CANNOT_LISTEN", `The server cannot listen on ${address}: ${problem}.`, {
    cause,
  });
}

/**
 * `https.createServer` refused the option `tls`.
 *
 * @example invalidTls(new Error("error:0909006C:PEM routines:get_name:no start line"))
 */
export function invalidTls(cause: unknown): VernalError {
  return new VernalError(
    "VERNAL_INVALID_TLS",
    `The option tls cannot be used: ${sentence(cause)} ` +
      `Give it what https.createServer takes, such as key and cert as texts in PEM, and not the names of their files.`,
    { cause },
  );
}

/**
 * `WebSocketApplication.attach` got something else than a server.
 *
 * @example notAServer(function express() {})
 */
export function notAServer(value: unknown): VernalError {
  return new VernalError(
    "VERNAL_NOT_A_SERVER",
    `WebSocketApplication.attach needs the http.Server or https.Server of its host, and got ${display(value)}. ` +
      `Give it what http.createServer(app) returns, the property server of fastify, or what app.getHttpServer() of Nest returns.`,
  );
}

/**
 * `port` or `url` of an attached application was read while its server has none; thrown there.
 *
 * @param address that of the server: a path where it listens on a socket of Unix.
 * @example notListening(null)
 * @example notListening("/run/chat.sock")
 */
export function notListening(address: string | null): VernalError {
  const where = address === null ? "does not listen" : `listens on ${display(address)}, which has no port`;
  const cure =
    address === null
      ? `Read port and url later, in the callback of its listen.`
      : `Take the address from the server itself.`;
  return new VernalError(
    "VERNAL_NOT_LISTENING",
    `There is no port and no url: the server that the application is attached to ${where}. ${cure}`,
  );
}

/**
 * A handler or a registry was used after the start; thrown there.
 *
 * @example registryClosed("ChatHandler (registered by ChatConfig)")
 */
export function registryClosed(handler: string): VernalError {
  return new VernalError(
    "VERNAL_REGISTRY_CLOSED",
    `${handler} was registered or changed after the start, which has no effect any more. ` +
      `Say everything in registerWebSocketHandlers, or before the promise that it returns settles.`,
  );
}

/**
 * A handshake interceptor or handshake handler answered with something that it must not. The handshake gets 500, and
 * the log this text.
 *
 * @example wrongHandshakeAnswer({ constructor: { name: "LoginInterceptor" } }, "beforeHandshake", false, "nothing or refuse(…)")
 */
export function wrongHandshakeAnswer(
  by: object,
  method: string,
  answer: unknown,
  expected: string,
): VernalError {
  return new VernalError(
    "VERNAL_WRONG_HANDSHAKE_ANSWER",
    `${by.constructor.name}.${method} returned ${display(answer)}. Let it return ${expected}; ` +
      `anything else fails closed, with 500.`,
  );
}

/**
 * A function, a constructor or a decorator of Vernal was called with an argument that it cannot take; thrown there.
 *
 * @example invalidArgument("new TextMessage", 42, "a string or its UTF-8 bytes")
 */
export function invalidArgument(where: string, value: unknown, expected: string): VernalError {
  return new VernalError("VERNAL_INVALID_ARGUMENT", `${where} got ${display(value)}. Give it ${expected}.`);
}

/**
 * A session wants to be in more groups than `maxGroupsPerSession` lets it; thrown by `join`.
 *
 * @example tooManyGroups("room:1001", 1000)
 */
export function tooManyGroups(group: string, limit: number): VernalError {
  return new VernalError(
    "VERNAL_TOO_MANY_GROUPS",
    `session.join cannot add ${display(group)}: the session is in ${limit} groups already. ` +
      `Leave one first, or raise maxGroupsPerSession.`,
  );
}

/**
 * A `CloseStatus` was made with a code that nobody may send; thrown there.
 *
 * @example invalidCloseCode(1005)
 */
export function invalidCloseCode(code: unknown): VernalError {
  return new VernalError(
    "VERNAL_INVALID_CLOSE_CODE",
    `A close frame cannot carry the code ${display(code)}. ` +
      `Take a constant of CloseStatus, or a code of your own from 4000 to 4999 (RFC 6455 section 7.4).`,
  );
}

// What texts are made of.

/** What went wrong in one line, whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split("\n", 1)[0] ?? "";
}

/** The reason as a sentence that others can follow. */
export function sentence(thrown: unknown): string {
  const reason = reasonOf(thrown).trim();
  if (reason === "") return "it gave no reason.";
  return /[.!?…]$/.test(reason) ? reason : `${reason}.`;
}

/** A value of the application, short and on one line. */
export function display(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function")
    return value.name === "" ? "a function" : `the class or function ${value.name}`;
  if (typeof value === "object" && value !== null)
    return `an object (${value.constructor?.name ?? "no class"})`;
  return String(value);
}
