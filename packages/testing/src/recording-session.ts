import { randomUUID } from "node:crypto";
import {
  CloseStatus,
  HandshakeHeaders,
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
import { setImmediate } from "./real-timers";
import type { RecordingSessionOptions, RecordingSessionOptionsWith } from "./recording-session-options";
import { addressOf, checkGroup, endOf, expiryOf, messageOf, sendableOf } from "./session-arguments";
import { tooManyGroups } from "./session-errors";

const DEFAULT_MAX_GROUPS = 1000;
const LOCAL: SocketAddress = { address: "127.0.0.1", port: 8080 };
const REMOTE: SocketAddress = { address: "127.0.0.1", port: 50_000 };

/** A call of a session that can be made to throw. */
export type FailingCall = "join" | "authenticate";

/** Sends that wait for a peer that does not read. */
interface Hold {
  readonly drained: Promise<boolean>;
  readonly settle: (sent: boolean) => void;
  count: number;
  bytes: number;
}

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
 * Nobody calls the handler but the test: order, limits and failures are not those of a server, and no `expiresAt` ends the
 * session. For these take `startInMemoryApplication`.
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
  #hold: Hold | undefined;

  // The compiler explains the last one: so it is the one that names the path variables.
  /** @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for a `uri` that is no whole address. */
  constructor(
    ...options: Readonly<Record<string, string>> extends V
      ? [options?: RecordingSessionOptions]
      : [options: RecordingSessionOptionsWith<V>]
  );
  constructor(options: RecordingSessionOptionsWith<V>);
  constructor(options: RecordingSessionOptions & { readonly pathVariables?: V } = {}) {
    this.id = options.id ?? randomUUID();
    this.uri = addressOf(options.uri ?? "ws://localhost/");
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

  /** What was sent and accepted, oldest first; a string as a `TextMessage`, bytes as a `BinaryMessage`, in a copy of what they were. */
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

  /** What was answered with `false` at once: dropped by `dropSends`, or sent after `close` or the session's end. */
  get dropped(): readonly WebSocketMessage[] {
    return this.#dropped;
  }

  /** Every group that was joined, in this order, also those that were left; `groups` are those of now. */
  get joined(): readonly string[] {
    return this.#joined;
  }

  /** Every principal that `authenticate` has set, in this order. */
  get authenticated(): readonly (Principal | undefined)[] {
    return this.#principals;
  }

  /**
   * The status of the handler's first `close`; `undefined` as long as it has not called it, or where the session had ended
   * before. 1005 for a status that no close frame can carry, which leaves without a code.
   */
  get closedWith(): CloseStatus | undefined {
    return this.#closedWith;
  }

  // What a test makes happen.

  /**
   * Ends the session as its peer or the network would, at once: from then on `isOpen` is `false` and sends are answered
   * with `false`, `signal` aborts, `closed` settles. Does nothing once it has ended. `afterConnectionClosed` is the test's
   * to call.
   *
   * A session that the handler has closed before ends as that `close` said, `"local"`, whatever comes then; but for a peer
   * that closes while `holdSends` keeps something waiting, because its close frame is the first.
   *
   * @param status default: 1000 by the peer, 1006 by the network, which has no other. `CloseStatus.NO_STATUS_CODE` is a
   * close frame without a code.
   * @param by default `"peer"`.
   * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for a status that neither can bring about, such as 1006 by the peer.
   */
  end(status?: CloseStatus, by: "peer" | "network" = "peer"): void {
    const final = endOf(status, by);
    const isClosing = this.#closedWith !== undefined;
    if (isClosing && (by === "network" || !this.#hasWaiting)) this.#end(this.#closedWith!, "local");
    else this.#end(final, by);
  }

  /**
   * Answers the next sends with `false`, as for a peer that is too slow under `overflowStrategy: "drop"`; they stand in
   * `dropped`.
   *
   * @param count how many. Default: all from now on; 0 for none any more.
   * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for a count that is negative or no whole number.
   */
  dropSends(count = Infinity): void {
    if (!(count >= 0 && (Number.isInteger(count) || count === Infinity))) {
      throw invalidTestArgument("session.dropSends", count, "a whole number of 0 or more");
    }
    this.#sendsToDrop = count;
  }

  /**
   * Lets the promises of all sends wait, as for a peer that reads slowly, until the function that it returns is called;
   * `bufferedAmount` counts their payloads meanwhile. They are answered with `true` then, and with `false` when the session
   * ends first. `close` lets them go first, too: where some wait, the session ends after that function was called.
   *
   * @returns a function for these sends alone: it does nothing to what a later call of `holdSends` keeps. Calls while sends
   * are kept already give a function for the same ones.
   */
  holdSends(): () => void {
    const hold = (this.#hold ??= newHold());
    return () => {
      if (this.#hold === hold) this.#release();
    };
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
    return this.#hold?.bytes ?? 0;
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
    const sent = messageOf(message);
    if (!this.isOpen || this.#sendsToDrop > 0) {
      if (this.isOpen) this.#sendsToDrop -= 1;
      this.#dropped.push(sent);
      return Promise.resolve(false);
    }
    this.#sent.push(sent);
    if (this.#hold === undefined) return Promise.resolve(true);
    this.#hold.count += 1;
    this.#hold.bytes += sent.payloadLength;
    return this.#hold.drained;
  }

  /**
   * As a real one, with a peer that answers at once: the session ends in the next turn of the event loop, or after what
   * `holdSends` keeps waiting.
   */
  close<S extends CloseStatus>(status?: S["code"] extends ReceiveOnlyCloseCode ? never : S): void {
    if (!this.isOpen) return;
    this.#closedWith = sendableOf(status === undefined ? CloseStatus.NORMAL : status);
    if (!this.#hasWaiting) this.#awaitAnswer(this.#closedWith);
  }

  join(group: string): void {
    this.#failIfAsked("join");
    checkGroup(group);
    if (this.#isEnded || this.#groups.has(group)) return;
    if (this.#groups.size >= this.#maxGroups) throw tooManyGroups(group, this.#maxGroups);
    this.#groups.add(group);
    this.#joined.push(group);
  }

  leave(group: string): void {
    if (!this.#isEnded) this.#groups.delete(group);
  }

  authenticate(principal: Principal | undefined, options?: { readonly expiresAt?: Date }): void {
    this.#failIfAsked("authenticate");
    const expiresAt = expiryOf(principal, options);
    if (this.#isEnded) return;
    this.#principal = principal;
    this.#expiresAt = expiresAt;
    this.#principals.push(principal);
  }

  get #hasWaiting(): boolean {
    return this.#hold !== undefined && this.#hold.count > 0;
  }

  /** Not in this turn: no peer is as fast. */
  #awaitAnswer(decided: CloseStatus): void {
    setImmediate(() => this.#end(decided, "local"));
  }

  #release(): void {
    const hadWaiting = this.#hasWaiting;
    this.#settleHold(true);
    if (hadWaiting && this.#closedWith !== undefined) this.#awaitAnswer(this.#closedWith);
  }

  #end(status: CloseStatus, by: ClosedBy): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#closedBy = by;
    this.#settleHold(false);
    this.#aborting.abort();
    this.#settleClosed(status);
  }

  #settleHold(sent: boolean): void {
    const hold = this.#hold;
    this.#hold = undefined;
    hold?.settle(sent);
  }

  #failIfAsked(method: FailingCall): void {
    const error = this.#failures.get(method);
    if (error === undefined) return;
    this.#failures.delete(method);
    throw error;
  }
}

function newHold(): Hold {
  let settle!: Hold["settle"];
  const drained = new Promise<boolean>((resolve) => (settle = resolve));
  return { drained, settle, count: 0, bytes: 0 };
}

function inLowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
