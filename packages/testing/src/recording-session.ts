import { randomUUID } from "node:crypto";
import {
  BinaryMessage,
  CloseStatus,
  HandshakeHeaders,
  TextMessage,
  type AttributeMap,
  type ClosedBy,
  type Principal,
  type ReceiveOnlyCloseCode,
  type Sendable,
  type SocketAddress,
  type WebSocketMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { noSocket, invalidTestArgument } from "./errors";
import type { RecordingSessionOptions, RecordingSessionOptionsWith } from "./recording-session-options";
import { invalidCall, tooManyGroups } from "./session-errors";

const DEFAULT_MAX_GROUPS = 1000;
const LOCAL: SocketAddress = { address: "127.0.0.1", port: 8080 };
const REMOTE: SocketAddress = { address: "127.0.0.1", port: 50_000 };
const KINDS: ReadonlySet<unknown> = new Set(["text", "binary", "ping", "pong"]);

/** A call of a session that can be made to throw. */
export type FailingCall = "join" | "authenticate";

/**
 * A session without a socket, with which a test calls a handler directly. It remembers what it was sent, joined and
 * closed with:
 *
 * ```ts
 * const session = new RecordingSession();
 * await new EchoHandler().handleTextMessage(session, new TextMessage("hello"));
 * expect(session.texts).toEqual(["hello"]);
 * ```
 *
 * Nobody calls the handler but the test: order, limits and failures are not those of a server. For these take
 * `startInMemoryApplication`.
 *
 * @typeParam V the path variables that the handler relies on. Follows from `pathVariables`, which is needed where `V` names
 * some.
 */
export class RecordingSession<
  V extends object = Readonly<Record<string, string>>,
> implements WebSocketSession<V> {
  readonly id: string;
  readonly uri: URL;
  readonly pathVariables: V;
  readonly handshakeHeaders: HandshakeHeaders;
  readonly attributes: AttributeMap;
  readonly localAddress: SocketAddress | undefined;
  readonly remoteAddress: SocketAddress | undefined;
  readonly acceptedProtocol: string | undefined;
  readonly closed: Promise<CloseStatus>;
  readonly #maxGroups: number;
  readonly #sent: WebSocketMessage[] = [];
  readonly #dropped: WebSocketMessage[] = [];
  readonly #joined: string[] = [];
  readonly #principals: (Principal | undefined)[] = [];
  readonly #groups = new Set<string>();
  readonly #aborting = new AbortController();
  readonly #failures = new Map<FailingCall, Error>();
  #principal: Principal | undefined;
  #expiresAt: Date | undefined;
  #closedWith: CloseStatus | undefined;
  #closedBy: ClosedBy | undefined;
  #isEnded = false;
  #settleClosed!: (status: CloseStatus) => void;
  #sendsToDrop = 0;
  #held: { readonly drained: Promise<boolean>; readonly settle: (value: boolean) => void } | undefined;
  #heldBytes = 0;

  constructor(options: RecordingSessionOptionsWith<V>);
  constructor(
    ...options: Readonly<Record<string, string>> extends V ? [options?: RecordingSessionOptions] : never
  );
  constructor(options: RecordingSessionOptions & { readonly pathVariables?: V } = {}) {
    this.id = options.id ?? randomUUID();
    this.uri = new URL(options.uri ?? "ws://localhost/");
    // Of the two overloads only the one without names lets it be left out.
    this.pathVariables = options.pathVariables ?? ({} as V);
    this.handshakeHeaders = new HandshakeHeaders(inLowerCase(options.handshakeHeaders ?? {}));
    this.attributes = new Map(Object.entries(options.attributes ?? {})) as AttributeMap;
    this.localAddress = options.localAddress ?? LOCAL;
    this.remoteAddress = options.remoteAddress ?? REMOTE;
    this.acceptedProtocol = options.acceptedProtocol;
    this.#principal = options.principal;
    this.#expiresAt = options.principal?.expiresAt;
    this.#maxGroups = options.maxGroupsPerSession ?? DEFAULT_MAX_GROUPS;
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
  }

  // What a test looks at.

  /** What was sent and accepted, oldest first; a string as a `TextMessage`, bytes as a `BinaryMessage`. */
  get sent(): readonly WebSocketMessage[] {
    return this.#sent;
  }

  /** The texts among `sent`. */
  get texts(): readonly string[] {
    return this.#sent.filter((message) => message.kind === "text").map(({ payload }) => payload);
  }

  /**
   * The texts among `sent`, parsed as JSON.
   *
   * @throws SyntaxError where one is none.
   */
  get json(): readonly unknown[] {
    return this.texts.map((text): unknown => JSON.parse(text));
  }

  /** The payloads of the binary messages among `sent`. */
  get binaries(): readonly Buffer[] {
    return this.#sent.filter((message) => message.kind === "binary").map(({ payload }) => payload);
  }

  /** What was answered with `false`: dropped by `dropSends`, or sent after the session's end. */
  get dropped(): readonly WebSocketMessage[] {
    return this.#dropped;
  }

  /** Every group that was joined, in this order, also those that were left; `groups` are those of now. */
  get joined(): readonly string[] {
    return this.#joined;
  }

  /** Every principal that `authenticate` was called with, in this order. */
  get authenticated(): readonly (Principal | undefined)[] {
    return this.#principals;
  }

  /** The status of the handler's first `close`; `undefined` as long as it has not called it. */
  get closedWith(): CloseStatus | undefined {
    return this.#closedWith;
  }

  // What a test makes happen.

  /**
   * Ends the session as its peer or the network would: from then on `isOpen` is `false` and sends are answered with
   * `false`, `signal` aborts, `closed` settles. Does nothing once it has ended. `afterConnectionClosed` is the test's to
   * call.
   *
   * @param status default: 1000 by the peer, 1006 by the network.
   * @param by default `"peer"`; a session that the handler has closed ends by itself, `"local"`.
   */
  end(status?: CloseStatus, by: "peer" | "network" = "peer"): void {
    this.#end(status ?? (by === "peer" ? CloseStatus.NORMAL : CloseStatus.NO_CLOSE_FRAME), by);
  }

  /**
   * Answers the next sends with `false`, as for a peer that is too slow under `overflowStrategy: "drop"`; they stand in
   * `dropped`.
   *
   * @param count how many. Default: all from now on; 0 for none any more.
   * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for a count that is negative or no number.
   */
  dropSends(count = Infinity): void {
    if (!(count >= 0)) throw invalidTestArgument("session.dropSends", count, "a count of 0 or more");
    this.#sendsToDrop = count;
  }

  /**
   * Lets the promises of all sends wait, as for a peer that reads slowly, until the function that it returns is called;
   * `bufferedAmount` counts their payloads meanwhile. When the session ends first, they are answered with `false`.
   */
  holdSends(): () => void {
    if (this.#held === undefined) {
      let settle!: (value: boolean) => void;
      const drained = new Promise<boolean>((resolve) => (settle = resolve));
      this.#held = { drained, settle };
    }
    return () => this.#release(true);
  }

  /** Lets the next call of `method` throw `error`, once, such as `new CloseSessionError(…)` for `authenticate`. */
  failNext(method: FailingCall, error: Error): void {
    this.#failures.set(method, error);
  }

  // What a handler sees.

  get principal(): Principal | undefined {
    return this.#principal;
  }

  get expiresAt(): Date | undefined {
    return this.#expiresAt;
  }

  get isOpen(): boolean {
    return this.#closedWith === undefined && !this.#isEnded;
  }

  /** The payloads that `holdSends` keeps waiting, in bytes. */
  get bufferedAmount(): number {
    return this.#heldBytes;
  }

  get groups(): ReadonlySet<string> {
    return this.#groups;
  }

  get signal(): AbortSignal {
    return this.#aborting.signal;
  }

  get closedBy(): ClosedBy | undefined {
    return this.#closedBy;
  }

  /** @throws VernalError `VERNAL_TEST_NO_SOCKET` always. */
  get native(): never {
    throw noSocket();
  }

  sendMessage(message: Sendable): Promise<boolean> {
    const sent = asMessage(message);
    if (!this.isOpen || this.#sendsToDrop > 0) {
      if (this.isOpen) this.#sendsToDrop -= 1;
      this.#dropped.push(sent);
      return Promise.resolve(false);
    }
    this.#sent.push(sent);
    if (this.#held === undefined) return Promise.resolve(true);
    this.#heldBytes += sent.payloadLength;
    return this.#held.drained;
  }

  /** As a real one, with a peer that answers at once: `closed` settles when the handler's turn is over. */
  close<S extends CloseStatus>(status?: S["code"] extends ReceiveOnlyCloseCode ? never : S): void {
    if (!this.isOpen) return;
    const decided: CloseStatus = status ?? CloseStatus.NORMAL;
    this.#closedWith = decided;
    void Promise.resolve().then(() => this.#end(decided, "local"));
  }

  join(group: string): void {
    this.#failIfAsked("join");
    if (typeof group !== "string" || group === "") {
      throw invalidCall("session.join", group, "the name of a group");
    }
    if (this.#isEnded || this.#groups.has(group)) return;
    if (this.#groups.size >= this.#maxGroups) throw tooManyGroups(group, this.#maxGroups);
    this.#groups.add(group);
    this.#joined.push(group);
  }

  leave(group: string): void {
    if (!this.#isEnded) this.#groups.delete(group);
  }

  authenticate(principal: Principal | undefined, options: { readonly expiresAt?: Date } = {}): void {
    this.#failIfAsked("authenticate");
    if (principal !== undefined && (typeof principal?.name !== "string" || principal.name === "")) {
      throw invalidCall("session.authenticate", principal, "an object with a name, or undefined");
    }
    const expiresAt = options.expiresAt ?? principal?.expiresAt;
    if (expiresAt !== undefined && (principal === undefined || Number.isNaN(expiresAt.getTime()))) {
      throw invalidCall(
        "session.authenticate",
        expiresAt,
        "a valid Date for expiresAt, and a principal that it is for",
      );
    }
    if (this.#isEnded) return;
    this.#principal = principal;
    this.#expiresAt = expiresAt;
    this.#principals.push(principal);
  }

  #end(status: CloseStatus, by: ClosedBy): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#closedBy = by;
    this.#release(false);
    this.#aborting.abort();
    this.#settleClosed(status);
  }

  #release(value: boolean): void {
    const held = this.#held;
    this.#held = undefined;
    this.#heldBytes = 0;
    held?.settle(value);
  }

  #failIfAsked(method: FailingCall): void {
    const error = this.#failures.get(method);
    if (error === undefined) return;
    this.#failures.delete(method);
    throw error;
  }
}

function asMessage(message: Sendable): WebSocketMessage {
  if (typeof message === "string") return new TextMessage(message);
  if (message instanceof Uint8Array) return new BinaryMessage(message);
  // By what it has: a test may load the package in another copy than the handler.
  const candidate = (message ?? {}) as Partial<WebSocketMessage>;
  if (KINDS.has(candidate.kind) && typeof candidate.asBytes === "function") return message;
  throw invalidCall("session.sendMessage", message, "a message, a string or bytes");
}

function inLowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
