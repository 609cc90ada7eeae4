import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { VernalError } from "@vernal/websocket";
import { ByteQueue } from "./byte-queue";
import { checkData, checkFrame } from "./client-arguments";
import { encodeRawFrame } from "./encode-raw-frame";
import { clientEnded, ended, timedOut, type Wait } from "./errors";
import type { HttpAnswer } from "./http-answer";
import { parseRawAnswer } from "./raw-answer";
import {
  describeBytes,
  describeFrame,
  parseRawFrame,
  type RawFrame,
  type RawFrameOptions,
} from "./raw-frame";
import { clearTimeout, elapsedSince, now, setLimit } from "./real-timers";
import { DEFAULT_TIMEOUT_MS, limitOf, type WaitOptions } from "./wait-options";

/** Takes its part of what has come. `undefined`: more is needed; a throw ends the wait. */
type Parse<T> = () => T | undefined;

/**
 * A connection on which the test says every byte itself, and reads every byte: for handshakes and frames that no client
 * sends. It answers nothing by itself, neither pings nor a close frame. `TestApplication.openConnection` makes one, and ends
 * it; for another server make it over a socket of your own.
 */
export class RawConnection implements AsyncDisposable {
  /** The stream beneath, for what this class lacks. */
  readonly native: Duplex;
  readonly #timeoutMs: number;
  readonly #log: { readonly problems: readonly string[] };
  readonly #frames: RawFrame[] = [];
  readonly #answers: number[] = [];
  readonly #waiting = new Set<() => void>();
  /** What has come and was not asked for yet. */
  readonly #input = new ByteQueue();
  #isEnded = false;
  #failure: NodeJS.ErrnoException | undefined;

  /**
   * @param stream is open already, and nobody else reads it. Whoever opened it ends it.
   * @param options `timeoutMs` is the limit of its waits, 2000 unless told otherwise.
   * @param log what a failed wait shows; of a test application, its warnings and errors. Default: nothing.
   * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs` that is no time.
   */
  constructor(
    stream: Duplex,
    options: WaitOptions = {},
    log: { readonly problems: readonly string[] } = { problems: [] },
  ) {
    this.native = stream;
    this.#timeoutMs = limitOf(options, DEFAULT_TIMEOUT_MS, "new RawConnection()");
    this.#log = log;
    stream.on("data", (chunk: Buffer) => {
      this.#input.add(chunk);
      this.#wake();
    });
    stream.on("error", (error) => (this.#failure = error));
    stream.on("end", () => this.#end());
    stream.on("close", () => this.#end());
  }

  /** Whether the server has ended the connection, or it was cut. */
  get isEnded(): boolean {
    return this.#isEnded;
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
   * Writes text, as UTF-8, or bytes.
   *
   * @throws VernalError `VERNAL_TEST_CLIENT_ENDED` once the connection has ended, `VERNAL_TEST_INVALID_ARGUMENT` for what is
   * neither.
   */
  write(data: string | Uint8Array): void {
    checkData(call("write"), data);
    if (this.native.destroyed || !this.native.writable) throw clientEnded(call("write"), this.#howEnded);
    this.native.write(data);
  }

  /**
   * Writes a frame as a client sends it, or as wrong as it is asked for.
   *
   * @throws VernalError `VERNAL_TEST_CLIENT_ENDED` once the connection has ended, `VERNAL_TEST_INVALID_ARGUMENT` for what no
   * bytes can say, such as an opcode of 16.
   */
  writeFrame(frame: RawFrameOptions): void {
    checkFrame(call("writeFrame"), frame);
    this.write(encodeRawFrame(frame));
  }

  /**
   * Writes the request of a handshake and reads the answer, 101 or other; frames follow a 101.
   *
   * @param path with a query, if there is one.
   * @param headers more headers, or others in place of those of a handshake that is in order: names in any case, `undefined`
   * leaves one out.
   * @throws VernalError as `answer`, and as `write`.
   */
  async upgrade(
    path: string,
    headers: Readonly<Record<string, string | undefined>> = {},
    options?: WaitOptions,
  ): Promise<HttpAnswer> {
    const lines = new Map<string, string>([
      ["host", "Host: localhost"],
      ["upgrade", "Upgrade: websocket"],
      ["connection", "Connection: Upgrade"],
      ["sec-websocket-key", `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`],
      ["sec-websocket-version", "Sec-WebSocket-Version: 13"],
    ]);
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) lines.delete(name.toLowerCase());
      else lines.set(name.toLowerCase(), `${name}: ${value}`);
    }
    this.write(`GET ${path} HTTP/1.1\r\n${[...lines.values()].join("\r\n")}\r\n\r\n`);
    return this.answer(options);
  }

  /**
   * The next answer of HTTP, whole; its head has at most 64 KiB. A body has the length that `Content-Length` says, or comes
   * in chunks; with neither it is empty.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, `VERNAL_TEST_ENDED` when the connection ends before, `VERNAL_TEST_WRONG_KIND`
   * where what comes is no answer of HTTP, or `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs` that is no time.
   */
  answer(options: WaitOptions = {}): Promise<HttpAnswer> {
    return this.#wait("answer", "an answer of HTTP", options, () => this.#parseAnswer());
  }

  /**
   * The next frame.
   *
   * @throws VernalError `VERNAL_TEST_TIMEOUT`, `VERNAL_TEST_ENDED` when the connection ends before, or
   * `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs` that is no time.
   */
  nextFrame(options: WaitOptions = {}): Promise<RawFrame> {
    return this.#wait("nextFrame", "a frame", options, () => {
      const parsed = parseRawFrame(this.#input.bytes);
      if (parsed === undefined) return undefined;
      this.#input.skip(parsed.byteLength);
      this.#frames.push(parsed.frame);
      return parsed.frame;
    });
  }

  /**
   * Waits until the server has ended the connection, or it was cut.
   *
   * @returns the bytes that had come and were not asked for.
   * @throws VernalError `VERNAL_TEST_TIMEOUT`.
   */
  ended(options: WaitOptions = {}): Promise<Buffer> {
    return this.#wait("ended", "the end of the connection", options, () =>
      this.#isEnded ? this.#input.bytes : undefined,
    );
  }

  /** Says that nothing more will be written (FIN), and still reads. */
  finish(): void {
    this.native.end();
  }

  /** Cuts the connection so that the server sees ECONNRESET. Not over TLS. */
  reset(): void {
    (this.native as Duplex & { resetAndDestroy(): void }).resetAndDestroy();
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.native.destroy();
  }

  /** The same as `destroy`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  get #howEnded(): string {
    return this.#failure === undefined ? "the end of the connection" : String(this.#failure.code);
  }

  #parseAnswer(): HttpAnswer | undefined {
    const parsed = parseRawAnswer(call("answer"), this.#input.bytes);
    if (parsed === undefined) return undefined;
    this.#input.skip(parsed.byteLength);
    this.#answers.push(parsed.answer.status);
    return parsed.answer;
  }

  async #wait<T>(method: string, awaited: string, options: WaitOptions, parse: Parse<T>): Promise<T> {
    const timeoutMs = limitOf(options, this.#timeoutMs, call(method));
    return new Promise((resolve, reject) => {
      const started = now();
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = (): void => {
        let found: T | undefined;
        try {
          found = parse();
        } catch (error) {
          const failure = error as VernalError;
          return finish(() => reject(failure));
        }
        if (found !== undefined) return finish(() => resolve(found));
        if (this.#isEnded) {
          finish(() =>
            reject(this.#inVain((wait) => ended(wait, "ended()"), method, awaited, elapsedSince(started))),
          );
        }
      };
      const timer = setLimit(timeoutMs, () => {
        finish(() => reject(this.#inVain(timedOut, method, awaited, timeoutMs)));
      });
      this.#waiting.add(look);
      look();
    });
  }

  #inVain(make: (wait: Wait) => VernalError, method: string, awaited: string, waitedMs: number): VernalError {
    const arrived = [
      ...this.#answers.map((status) => `an answer with ${status}`),
      ...this.#frames.map(describeFrame),
      ...(this.#input.byteLength === 0 ? [] : [`unread: ${describeBytes(this.#input.bytes)}`]),
    ];
    const end = this.#isEnded ? this.#howEnded : undefined;
    const isPaused = this.native.isPaused();
    return make({ call: call(method), awaited, waitedMs, arrived, end, isPaused, log: this.#log.problems });
  }

  #end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

function call(method: string): string {
  return `${method}() of the raw connection`;
}
