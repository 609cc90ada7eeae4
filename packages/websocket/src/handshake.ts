import {
  validateHeaderName,
  validateHeaderValue,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { invalidArgument } from "./errors";
import type { AttributeMap } from "./session-attributes";

/** The headers of a handshake, read-only: names in any case, several of one name joined by a comma. */
export class HandshakeHeaders implements Iterable<[name: string, value: string]> {
  readonly #headers: IncomingHttpHeaders;

  /** @param headers as Node gives them, with names in lower case. */
  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    const key = name.toLowerCase();
    if (!Object.hasOwn(this.#headers, key)) return undefined;
    const value = this.#headers[key];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const name of Object.keys(this.#headers)) {
      const value = this.get(name);
      if (value !== undefined) yield [name, value];
    }
  }
}

/** Answers a request of HTTP that is no handshake. A throw or a rejection is logged and answered with 500. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Who a peer is. Extend it with what your application knows of its users. */
export interface Principal {
  /** Unique among users: `WebSocketBroadcaster.toUser` finds every session of this name. */
  readonly name: string;
  /** Until when this holds; `session.expiresAt` shows it. */
  readonly expiresAt?: Date;
}

/** Whether a value can be a principal: what code around the compiler gives is looked at. */
export function isPrincipal(value: unknown): value is Principal {
  if (typeof value !== "object" || value === null) return false;
  const { name, expiresAt } = value as Readonly<Record<string, unknown>>;
  return typeof name === "string" && name !== "" && (expiresAt === undefined || isMoment(expiresAt));
}

/** Whether a value is a date that says when. */
export function isMoment(value: unknown): value is Date {
  const isDate = Object.prototype.toString.call(value) === "[object Date]";
  return isDate && !Number.isNaN((value as Date).getTime());
}

/** A request to open a session, before it is answered. Lives until the answer is written. */
export interface HandshakeRequest {
  /** Always `GET`: other methods are refused before. */
  readonly method: string;
  /**
   * The address that was asked for, query included, with the scheme `ws` or `wss`; behind one of the `trustedProxies`
   * the one that the client asked for.
   */
  readonly uri: URL;
  /** The variables of the path, decoded. */
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly headers: HandshakeHeaders;
  /** The cookies, decoded; parsed when first read. */
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /** The `Origin` header; `undefined` for most clients that are no browsers. */
  readonly origin: string | undefined;
  /** The peer's address, or the client's behind `trustedProxies`; `undefined` where the transport has none. */
  readonly remoteAddress: string | undefined;
  /** The sub-protocols that the client offers, in its order. */
  readonly subProtocols: readonly string[];
  /**
   * Aborts when the client has gone: hand it to what an interceptor waits for. The leaving of a client that has sent
   * more than the handshake is seen when the wait is over.
   */
  readonly signal: AbortSignal;
  /** Node's own request. Use it during the handshake only; it is not kept. */
  readonly raw: IncomingMessage;
}

/** An answer of HTTP that refuses a handshake. Made by `refuse`. */
export class Refusal {
  /** @internal Use `refuse`. */
  constructor(
    readonly status: number,
    readonly body: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {}
}

/** Headers that frame the answer, which the server writes itself: a second one would make it ambiguous. */
const FRAMING_HEADERS: ReadonlySet<string> = new Set(["connection", "content-length", "transfer-encoding"]);

/**
 * The answer with which an interceptor or `determineUser` refuses a handshake.
 *
 * @param status an HTTP status from 400 to 599, or from 300 to 399 with a `Location`. Browsers show scripts only that
 * the connection failed; other clients see the status.
 * @param body plain text for the peer. Default: none.
 * @param headers more headers, such as `WWW-Authenticate` or `Retry-After`.
 * @throws VernalError `VERNAL_INVALID_ARGUMENT` for another status, a body that is no string or a header that frames the
 * answer (`Connection`, `Content-Length`, `Transfer-Encoding`), and what Node throws for a malformed header.
 */
export function refuse(
  status: number,
  body: string = "",
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw invalidArgument("refuse", status, "an HTTP status from 300 to 599");
  }
  if (typeof body !== "string") throw invalidArgument("refuse", body, "a string for the body");
  const names = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    names.add(name.toLowerCase());
    if (FRAMING_HEADERS.has(name.toLowerCase())) {
      throw invalidArgument(
        "refuse",
        name,
        "no header that frames the answer; the server writes those itself",
      );
    }
  }
  if (status < 400 && !names.has("location")) {
    throw invalidArgument("refuse", status, "an HTTP status from 400 to 599, or a header Location beside it");
  }
  return new Refusal(status, body, Object.freeze({ ...headers }));
}

/**
 * Looks at handshakes before they are answered: authentication, quotas, attributes for the session (Spring
 * `HandshakeInterceptor`). Interceptors run in the order added, after the framework's own checks: a page of a
 * forbidden origin never reaches them.
 */
export interface HandshakeInterceptor {
  /**
   * Goes on by returning nothing, refuses by returning `refuse(…)`. Anything else, `true` and `false` included, and a
   * throw end the handshake with 500: it fails closed. All interceptors together have `handshakeTimeoutMs`.
   *
   * @param attributes becomes `session.attributes`.
   */
  beforeHandshake(
    request: HandshakeRequest,
    attributes: AttributeMap,
  ): void | Refusal | Promise<void | Refusal>;

  /**
   * Called after the decision and before it is written, in reverse order, for interceptors that let the request
   * through. What it throws is logged and changes nothing. The session waits for it; when the time of the handshake is
   * over, the client leaves or the server closes meanwhile, it does not open after all.
   *
   * @param error `undefined` when the session is about to open; else what ended the handshake: the `Refusal`, or what was
   * thrown.
   */
  afterHandshake?(request: HandshakeRequest, error: unknown): void | Promise<void>;
}

/**
 * Decides what a session speaks and whom it belongs to (Spring `HandshakeHandler`). Runs after the interceptors. One handler
 * serves all handshakes of its paths, many at the same time. What it has to keep, and `handshakeHandlerContract` of
 * `@vernal/testing` checks:
 *
 * - It lets in whom it has to let in, as the right user, and refuses the others.
 * - It keeps nothing of a handshake where another one finds it: a user who comes at the same time is not taken for this one.
 * - It answers whatever comes, and in time: credentials that are missing or malformed are no reason to throw.
 * - Malformed credentials get nobody in who would not get in without any.
 * - A refusal repeats nothing of what the client has sent, in its body or its headers: it may be a secret, or markup.
 * - `selectProtocol` picks one of those that were offered, or none, and leaves both lists as they are.
 */
export interface HandshakeHandler {
  /**
   * Picks a sub-protocol. Default: the first in the client's order that the handler supports, compared as written.
   *
   * @returns one of `requested`, or `undefined` for none; anything else ends the handshake with 500.
   */
  selectProtocol?(
    requested: readonly string[],
    supported: readonly string[],
  ): string | undefined | Promise<string | undefined>;

  /** Says who the peer is; `undefined` for nobody in particular. May refuse with `refuse(…)`. A throw is a 500. */
  determineUser?(
    request: HandshakeRequest,
    attributes: AttributeMap,
  ): Principal | undefined | Refusal | Promise<Principal | undefined | Refusal>;
}
