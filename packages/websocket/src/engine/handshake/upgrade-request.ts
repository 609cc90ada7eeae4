import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { parse as parseCookies } from "cookie";
import { HandshakeHeaders, type HandshakeRequest, type Refusal } from "../../handshake";

/** The client went away before it was answered. */
export const CLIENT_GONE = Symbol("the client is gone");

export type Interruption = Refusal | typeof CLIENT_GONE;

/** A handshake that asks the application, and what can interrupt it: its time limit and the client's leaving. */
export class UpgradeRequest implements HandshakeRequest {
  readonly raw: IncomingMessage;
  readonly uri: URL;
  readonly pathVariables: Readonly<Record<string, string>>;
  readonly headers: HandshakeHeaders;
  readonly subProtocols: readonly string[];
  readonly remoteAddress: string | undefined;
  /** Settles once, with what ended the wait; never if `finish` was called before. */
  readonly interrupted: Promise<Interruption>;
  /** Ends the wait, if nothing has yet. */
  readonly interrupt: (interruption: Interruption) => void;
  readonly #socket: Duplex;
  readonly #aborting = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #onGone: () => void;
  #cookies: Readonly<Record<string, string | undefined>> | undefined;

  constructor(
    raw: IncomingMessage,
    socket: Duplex,
    facts: {
      readonly uri: URL;
      readonly pathVariables: Readonly<Record<string, string>>;
      readonly subProtocols: readonly string[];
      readonly remoteAddress: string | undefined;
      readonly timeoutMs: number;
      /** The answer after that time. */
      readonly tooLate: Refusal;
    },
  ) {
    this.raw = raw;
    this.uri = facts.uri;
    this.pathVariables = facts.pathVariables;
    this.headers = new HandshakeHeaders(raw.headers);
    this.subProtocols = facts.subProtocols;
    this.remoteAddress = facts.remoteAddress;
    this.#socket = socket;
    let interrupt!: (interruption: Interruption) => void;
    this.interrupted = new Promise((resolve) => (interrupt = resolve));
    this.interrupt = interrupt;
    this.#timer = setTimeout(interrupt, facts.timeoutMs, facts.tooLate);
    this.#onGone = () => {
      interrupt(CLIENT_GONE);
      this.#aborting.abort();
    };
    // The server lets clients close one way; a FIN is an end all the same, with nobody left to open a session for.
    socket.once("end", this.#onGone);
    socket.once("close", this.#onGone);
  }

  /** Ends the watch. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#socket.removeListener("end", this.#onGone);
    this.#socket.removeListener("close", this.#onGone);
  }

  get method(): string {
    return this.raw.method ?? "GET";
  }

  get cookies(): Readonly<Record<string, string | undefined>> {
    return (this.#cookies ??= parseCookies(this.headers.get("cookie") ?? ""));
  }

  get origin(): string | undefined {
    return this.headers.get("origin");
  }

  get signal(): AbortSignal {
    return this.#aborting.signal;
  }
}
