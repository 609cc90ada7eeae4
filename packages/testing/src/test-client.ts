import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CloseStatus, type ReceiveOnlyCloseCode, type VernalError } from "@vernal/websocket";
import type { WebSocket } from "ws";
import { Arrivals } from "./arrivals";
import { clientEnded, ended, timedOut, wrongKind } from "./errors";
import { withLimit } from "./limit";
import {
  describeBytes,
  describeFrame,
  describeText,
  encodeRawFrame,
  FrameReader,
  type RawFrame,
  type RawFrameOptions,
} from "./raw-frame";
import { until } from "./until";
import type { WaitOptions } from "./wait-options";

/** A WebSocket that has been opened, and what it stands on. */
export interface Opened {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly response: IncomingMessage;
}

const OPEN = 1;

/**
 * A client of a test application, which keeps what it gets. Each wait takes what was not taken before, has a limit, and
 * says in its failure what came instead. It pings, answers and closes as the library `ws` does. Made by
 * `TestApplication.connect`, which also ends it.
 */
export class TestClient implements AsyncDisposable {
  /** The WebSocket of `ws` beneath, for what this class lacks. */
  readonly native: WebSocket;
  /** The path that it asked for, query included. */
  readonly path: string;
  /** The sub-protocol that was agreed; `undefined` for none. */
  readonly acceptedProtocol: string | undefined;
  /** The headers of the 101, names in lower case. */
  readonly handshakeHeaders: IncomingHttpHeaders;
  /** The port that it comes from, as the server sees it. */
  readonly port: number;
  readonly #socket: Duplex;
  readonly #timeoutMs: number;
  readonly #log: { readonly problems: readonly string[] };
  readonly #buffered: () => number;
  readonly #messages = new Arrivals<string | Buffer>();
  readonly #frames = new Arrivals<RawFrame>();
  readonly #pongs = new Arrivals<Buffer>();
  readonly #closed: Promise<CloseStatus>;
  #final: CloseStatus | undefined;

  /** @internal Use `TestApplication.connect`. */
  constructor(
    { ws, socket, response }: Opened,
    path: string,
    timeoutMs: number,
    log: { readonly problems: readonly string[] },
    /** What the server holds for this client, in bytes. */
    buffered: (client: TestClient) => number,
  ) {
    this.native = ws;
    this.acceptedProtocol = ws.protocol === "" ? undefined : ws.protocol;
    this.handshakeHeaders = response.headers;
    this.path = path;
    // Now, because a socket forgets it when it ends.
    this.port = (socket as Socket).localPort!;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
    this.#buffered = () => buffered(this);
    const reader = new FrameReader((frame) => this.#frames.add(frame));
    socket.on("data", (chunk: Buffer) => reader.read(chunk));
    socket.on("close", () => this.#frames.end());
    ws.on("message", (data: Buffer, isBinary) => this.#messages.add(isBinary ? data : data.toString()));
    ws.on("pong", (data: Buffer) => this.#pongs.add(data));
    // What the server sends wrong; the close that follows is what a test sees.
    ws.on("error", () => {});
    this.#closed = new Promise((resolve) => {
      ws.on("close", (code, reason) => {
        this.#final = CloseStatus.received(code, reason.toString());
        resolve(this.#final);
        this.#messages.end();
        this.#pongs.end();
      });
    });
  }

  /** Every message that has come, also what was taken: text as strings, binary as Buffers. */
  get received(): readonly (string | Buffer)[] {
    return this.#messages.all;
  }

  /** Every frame that has come after the 101, as it stood on the wire, control frames included. */
  get frames(): readonly RawFrame[] {
    return this.#frames.all;
  }

  /** Whether a message can be sent: neither side has begun to close. */
  get isOpen(): boolean {
    return this.native.readyState === OPEN;
  }

  /**
   * Sends a message: a string as text, bytes as binary.
   *
   * @throws VernalError `VERNAL_TEST_CLIENT_ENDED` once either side has begun to close.
   */
  send(data: string | Uint8Array): void {
    if (!this.isOpen) throw clientEnded(this.#call("send"), this.#end ?? "a close that is on its way");
    this.native.send(data);
  }

  /**
   * Sends a value as JSON.
   *
   * @throws VernalError as `send`, and what `JSON.stringify` throws.
   */
  sendJson(value: unknown): void {
    this.send(JSON.stringify(value));
  }

  /**
   * The next message that was not taken yet, or the one that comes first: text as a string, binary as a Buffer.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, or `VERNAL_TEST_ENDED` when the session ends before.
   */
  next({ timeoutMs = this.#timeoutMs }: WaitOptions = {}): Promise<string | Buffer> {
    return this.#next("next", timeoutMs);
  }

  /**
   * The next message, which has to be text.
   *
   * @throws VernalError as `next`; `VERNAL_TEST_WRONG_KIND` for binary, which is taken all the same.
   */
  async nextText({ timeoutMs = this.#timeoutMs }: WaitOptions = {}): Promise<string> {
    const message = await this.#next("nextText", timeoutMs);
    if (typeof message === "string") return message;
    throw wrongKind(this.#call("nextText"), describeMessage(message), "text");
  }

  /**
   * The next message, which has to be binary.
   *
   * @throws VernalError as `next`; `VERNAL_TEST_WRONG_KIND` for text, which is taken all the same.
   */
  async nextBinary({ timeoutMs = this.#timeoutMs }: WaitOptions = {}): Promise<Buffer> {
    const message = await this.#next("nextBinary", timeoutMs);
    if (typeof message !== "string") return message;
    throw wrongKind(this.#call("nextBinary"), describeMessage(message), "binary");
  }

  /**
   * The next message, which has to be text, parsed.
   *
   * @typeParam T what it is taken for; nobody checks it.
   * @throws VernalError as `next`; `VERNAL_TEST_WRONG_KIND` for what is no JSON, which is taken all the same.
   */
  async nextJson<T = unknown>({ timeoutMs = this.#timeoutMs }: WaitOptions = {}): Promise<T> {
    const message = await this.#next("nextJson", timeoutMs);
    if (typeof message !== "string") {
      throw wrongKind(this.#call("nextJson"), describeMessage(message), "JSON");
    }
    try {
      return JSON.parse(message) as T;
    } catch (error) {
      throw wrongKind(this.#call("nextJson"), describeMessage(message), "JSON", error);
    }
  }

  /**
   * The next frame that was not taken yet, as it stood on the wire. Counted by itself: a message that `next` took is
   * still there as a frame.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, or `VERNAL_TEST_ENDED` when the connection ends before.
   */
  nextFrame({ timeoutMs = this.#timeoutMs }: WaitOptions = {}): Promise<RawFrame> {
    return this.#frames.take(timeoutMs, (reason, waitedMs) =>
      this.#inVain(reason, "nextFrame", "a frame", waitedMs, readOf(this.#frames, describeFrame)),
    );
  }

  /**
   * Goes to the server and back, twice: what this client has sent is read then, and what the server had sent by the time it
   * was read has come. So what has *not* come can be looked for in `received` without waiting for a time-out. It knows nothing of
   * a callback that waits for something else, nor of messages that the server leaves for its next turn, as it does with more
   * than some 40. One at a time; a pong that the server sends by itself counts as the answer.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, or `VERNAL_TEST_ENDED` when the session ends before.
   */
  async roundTrip({ timeoutMs = this.#timeoutMs }: WaitOptions = {}): Promise<void> {
    await this.#ping(timeoutMs);
    // A pong overtakes what the server keeps for an unfinished write.
    await until("the server's sends to leave", () => this.#buffered() === 0, { timeoutMs });
    await this.#ping(timeoutMs);
  }

  /** Sends a frame past `ws`, as wrong as it is asked for. */
  sendFrame(frame: RawFrameOptions): void {
    this.sendBytes(encodeRawFrame(frame));
  }

  /**
   * Writes bytes past `ws`.
   *
   * @throws VernalError `VERNAL_TEST_CLIENT_ENDED` once the connection has ended.
   */
  sendBytes(bytes: Uint8Array): void {
    if (!this.#socket.writable) throw clientEnded(this.#call("sendBytes"), this.#end ?? "the connection");
    this.#socket.write(bytes);
  }

  /** Stops reading, as a peer that is slow; what the server sends then waits on its side. */
  pause(): void {
    this.native.pause();
  }

  /** Reads again. */
  resume(): void {
    this.native.resume();
  }

  /**
   * How the session ended: the server's close frame if it came first, else what this client said; 1006 where the
   * connection was cut. Can be asked as often as you like, before and after the end.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, which shows the messages that came instead.
   */
  closed({ timeoutMs = this.#timeoutMs }: WaitOptions = {}): Promise<CloseStatus> {
    return withLimit(this.#closed, timeoutMs, () => this.#closeTimedOut("closed", timeoutMs));
  }

  /**
   * Closes as a client does, and waits for the end. After the end it only says how that was.
   *
   * @param status default: an empty close frame, which the server sees as 1005.
   * @returns the final status: what the server answered.
   * @throws VernalError `VERNAL_TEST_TIMEOUT` where the server does not answer in time.
   */
  close<S extends CloseStatus>(
    status?: S["code"] extends ReceiveOnlyCloseCode ? never : S,
    { timeoutMs = this.#timeoutMs }: WaitOptions = {},
  ): Promise<CloseStatus> {
    const decided: CloseStatus | undefined = status;
    if (this.isOpen) {
      // The server's close frame would never be read.
      this.native.resume();
      this.native.close(decided?.code, decided?.reason);
    }
    return withLimit(this.#closed, timeoutMs, () => this.#closeTimedOut("close", timeoutMs));
  }

  /** Ends the connection without a close frame, as a process that is killed; the server sees 1006. */
  terminate(): void {
    this.native.terminate();
  }

  /** Cuts the connection so that the server sees ECONNRESET, and 1006. Not over TLS. */
  reset(): void {
    (this.#socket as Duplex & { resetAndDestroy(): void }).resetAndDestroy();
  }

  /** For `await using`: `close`, and `terminate` where that takes too long. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close();
    } catch {
      this.terminate();
    }
  }

  async #ping(timeoutMs: number): Promise<void> {
    if (!this.isOpen) throw clientEnded(this.#call("roundTrip"), this.#end ?? "a close that is on its way");
    this.native.ping();
    await this.#pongs.take(timeoutMs, (reason, waitedMs) =>
      this.#inVain(reason, "roundTrip", "a pong", waitedMs, readOf(this.#messages, describeMessage)),
    );
  }

  #next(method: string, timeoutMs: number): Promise<string | Buffer> {
    return this.#messages.take(timeoutMs, (reason, waitedMs) =>
      this.#inVain(reason, method, "a message", waitedMs, readOf(this.#messages, describeMessage)),
    );
  }

  #inVain(
    reason: "timed out" | "ended",
    method: string,
    awaited: string,
    waitedMs: number,
    arrived: readonly string[],
  ): VernalError {
    const make = reason === "ended" ? ended : timedOut;
    const { problems: log } = this.#log;
    return make({ call: this.#call(method), awaited, waitedMs, arrived, end: this.#end, log });
  }

  #closeTimedOut(method: string, waitedMs: number): VernalError {
    const arrived = readOf(this.#messages, describeMessage);
    return this.#inVain("timed out", method, "the end of the session", waitedMs, arrived);
  }

  #call(method: string): string {
    return `${method}() of the client of ${this.path}`;
  }

  get #end(): string | undefined {
    return this.#final?.toString();
  }
}

function describeMessage(message: string | Buffer): string {
  return typeof message === "string" ? describeText(message) : `binary, ${describeBytes(message)}`;
}

/** What has come, and which of it the test has taken. */
function readOf<T>(arrivals: Arrivals<T>, describe: (item: T) => string): readonly string[] {
  return arrivals.all.map(
    (item, index) => `${describe(item)} ${index < arrivals.taken ? "(taken)" : "(not taken)"}`,
  );
}
