import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CloseStatus, type ReceiveOnlyCloseCode, type VernalError } from "@vernal/websocket";
import type { WebSocket } from "ws";
import { Arrivals } from "./arrivals";
import { checkBytes, checkData, checkFrame, checkStatus } from "./client-arguments";
import type { Opened } from "./dial";
import { clientEnded, ended, invalidTestArgument, timedOut, wrongKind } from "./errors";
import { encodeRawFrame } from "./encode-raw-frame";
import { withLimit } from "./limit";
import {
  describeBytes,
  describeFrame,
  describeText,
  FrameReader,
  type RawFrame,
  type RawFrameOptions,
} from "./raw-frame";
import { RoundTrips } from "./round-trips";
import { limitOf, type WaitOptions } from "./wait-options";

const OPEN = 1;

/**
 * A client of a test application, which keeps what it gets. Each wait takes what was not taken before, has a limit, and
 * says in its failure what came instead. It pings, answers and closes as the library `ws` does. Made by
 * `TestApplication.connect`, which also ends it, or by `connectTestClient`.
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
  readonly #messages = new Arrivals<string | Buffer>();
  readonly #frames = new Arrivals<RawFrame>();
  readonly #roundTrips: RoundTrips;
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
    this.#roundTrips = new RoundTrips({
      received: this.received,
      bufferedAtServer: () => buffered(this),
      ping: (payload) => this.#ping(payload),
      inVain: (reason, awaited, waitedMs) =>
        this.#inVain(reason, "roundTrip", awaited, waitedMs, readOf(this.#messages, describeMessage)),
    });
    const reader = new FrameReader((frame) => this.#frames.add(frame));
    socket.on("data", (chunk: Buffer) => reader.read(chunk));
    socket.on("close", () => this.#frames.end());
    ws.on("message", (data: Buffer, isBinary) => this.#messages.add(isBinary ? data : data.toString()));
    ws.on("pong", (data: Buffer) => this.#roundTrips.pong(data));
    // What the server sends wrong; the close that follows is what a test sees.
    ws.on("error", () => {});
    this.#closed = new Promise((resolve) => {
      ws.on("close", (code, reason) => {
        this.#final = CloseStatus.received(code, reason.toString());
        resolve(this.#final);
        this.#messages.end();
        this.#roundTrips.end();
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
   * @throws VernalError `VERNAL_TEST_CLIENT_ENDED` once either side has begun to close, `VERNAL_TEST_INVALID_ARGUMENT` for what
   * is neither.
   */
  send(data: string | Uint8Array): void {
    checkData(this.#call("send"), data);
    if (!this.isOpen) throw clientEnded(this.#call("send"), this.#end ?? "a close that is on its way");
    this.native.send(data);
  }

  /**
   * Sends a value as JSON.
   *
   * @throws VernalError as `send`, also for a value that JSON leaves out, such as `undefined`; and what `JSON.stringify`
   * throws.
   */
  sendJson(value: unknown): void {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) {
      throw invalidTestArgument(this.#call("sendJson"), value, "a value that JSON can hold");
    }
    this.send(text);
  }

  /**
   * The next message that was not taken yet, or the one that comes first: text as a string, binary as a Buffer.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, or `VERNAL_TEST_ENDED` when the session ends before.
   */
  next(options: WaitOptions = {}): Promise<string | Buffer> {
    return this.#next("next", options);
  }

  /**
   * The next message, which has to be text.
   *
   * @throws VernalError as `next`; `VERNAL_TEST_WRONG_KIND` for binary, which is taken all the same.
   */
  async nextText(options: WaitOptions = {}): Promise<string> {
    const message = await this.#next("nextText", options);
    if (typeof message === "string") return message;
    throw wrongKind(this.#call("nextText"), describeMessage(message), "text");
  }

  /**
   * The next message, which has to be binary.
   *
   * @throws VernalError as `next`; `VERNAL_TEST_WRONG_KIND` for text, which is taken all the same.
   */
  async nextBinary(options: WaitOptions = {}): Promise<Buffer> {
    const message = await this.#next("nextBinary", options);
    if (typeof message !== "string") return message;
    throw wrongKind(this.#call("nextBinary"), describeMessage(message), "binary");
  }

  /**
   * The next message, which has to be text, parsed.
   *
   * @typeParam T what it is taken for; nobody checks it.
   * @throws VernalError as `next`; `VERNAL_TEST_WRONG_KIND` for what is no JSON, which is taken all the same.
   */
  async nextJson<T = unknown>(options: WaitOptions = {}): Promise<T> {
    const message = await this.#next("nextJson", options);
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
  async nextFrame(options: WaitOptions = {}): Promise<RawFrame> {
    return this.#frames.take(this.#limit("nextFrame", options), (reason, waitedMs) =>
      this.#inVain(reason, "nextFrame", "a frame", waitedMs, readOf(this.#frames, describeFrame)),
    );
  }

  /**
   * Goes to the server and back until a round brings no new message: what this client has sent is read then, and what the
   * server had sent by the time it was read has come. So what has *not* come can be looked for in `received` without waiting
   * for a time-out. Calls are made one after the other.
   *
   * A round is two pings, so the server has some turns of the event loop. A callback that is synchronous, or that awaits only
   * what has settled, has sent by then. One that waits for a timer, a file or another client has not, unless something else
   * came in each round meanwhile; nor has a handler that gets hundreds of messages at once and answers only to the last of
   * them. There wait for the message itself.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, also where the server does not cease to send; `VERNAL_TEST_ENDED` when the
   * session ends before, `VERNAL_TEST_CLIENT_ENDED` when it had ended.
   */
  async roundTrip(options: WaitOptions = {}): Promise<void> {
    await this.#roundTrips.make(this.#limit("roundTrip", options));
  }

  /**
   * Sends a frame past `ws`, as wrong as it is asked for.
   *
   * @throws VernalError as `sendBytes`, also for what no bytes can say, such as an opcode of 16.
   */
  sendFrame(frame: RawFrameOptions): void {
    checkFrame(this.#call("sendFrame"), frame);
    this.sendBytes(encodeRawFrame(frame));
  }

  /**
   * Writes bytes past `ws`.
   *
   * @throws VernalError `VERNAL_TEST_CLIENT_ENDED` once the connection has ended, `VERNAL_TEST_INVALID_ARGUMENT` for what is no
   * bytes.
   */
  sendBytes(bytes: Uint8Array): void {
    checkBytes(this.#call("sendBytes"), bytes);
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
   * How the session ended: what the server's close frame said, whoever was the first to close; 1006 where none came. Can be
   * asked as often as you like, before and after the end.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, which shows the messages that came instead.
   */
  closed(options: WaitOptions = {}): Promise<CloseStatus> {
    return this.#waitForEnd("closed", options);
  }

  /**
   * Closes as a client does, and waits for the end. After the end it only says how that was.
   *
   * @param status default: an empty close frame, which the server sees as 1005.
   * @returns the final status: what the server answered.
   * @throws VernalError `VERNAL_TEST_TIMEOUT` where the server does not answer in time, `VERNAL_TEST_INVALID_ARGUMENT` for a
   * status that no close frame can carry.
   */
  async close<S extends CloseStatus>(
    status?: S["code"] extends ReceiveOnlyCloseCode ? never : S,
    options: WaitOptions = {},
  ): Promise<CloseStatus> {
    const decided: CloseStatus | undefined = status;
    checkStatus(this.#call("close"), decided);
    // The server's close frame would never be read, also where the close has begun.
    this.native.resume();
    if (this.isOpen) this.native.close(decided?.code, decided?.reason);
    return this.#waitForEnd("close", options);
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

  #ping(payload: string): void {
    if (!this.isOpen) throw clientEnded(this.#call("roundTrip"), this.#end ?? "a close that is on its way");
    this.native.ping(payload);
  }

  async #next(method: string, options: WaitOptions): Promise<string | Buffer> {
    return this.#messages.take(this.#limit(method, options), (reason, waitedMs) =>
      this.#inVain(reason, method, "a message", waitedMs, readOf(this.#messages, describeMessage)),
    );
  }

  async #waitForEnd(method: string, options: WaitOptions): Promise<CloseStatus> {
    const limitMs = this.#limit(method, options);
    return withLimit(this.#closed, limitMs, () => {
      const arrived = readOf(this.#messages, describeMessage);
      return this.#inVain("timed out", method, "the end of the session", limitMs, arrived);
    });
  }

  #limit(method: string, options: WaitOptions): number {
    return limitOf(options, this.#timeoutMs, this.#call(method));
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
    // The connection ends before `ws` says how.
    const end = this.#end ?? (reason === "ended" ? "the end of the connection" : undefined);
    const { isPaused } = this.native;
    return make({ call: this.#call(method), awaited, waitedMs, arrived, end, isPaused, log });
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
