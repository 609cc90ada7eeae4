import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { VernalError } from "@vernal/websocket";
import { WebSocket, type ClientOptions } from "ws";
import { invalidHandshake, noHandshake, timedOut } from "./errors";
import type { HttpAnswer } from "./http-answer";
import { withLimit } from "./limit";
import type { ConnectOptions } from "./test-client-options";

/** A WebSocket that has been opened, and what it stands on. */
export interface Opened {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly response: IncomingMessage;
  /** The `Sec-WebSocket-Key` of the handshake, which no other has. */
  readonly key: string;
}

/** What is known where a handshake fails. */
export interface Dialled {
  readonly url: string;
  readonly path: string;
  /** What the test called. */
  readonly call: string;
  readonly timeoutMs: number;
  /** What of it is left, now that the connection is open. */
  readonly leftMs: number;
  readonly log: { readonly problems: readonly string[] };
}

/**
 * Sends a handshake over a connection that is open already.
 *
 * @param onOpen called in the turn in which the 101 is read, before any frame is.
 */
export async function dial<T>(
  socket: Duplex,
  { url, path, call, timeoutMs, leftMs, log }: Dialled,
  options: ConnectOptions,
  onOpen: (opened: Opened) => T,
): Promise<T | HttpAnswer> {
  let key: string;
  const clientOptions: ClientOptions = {
    headers: { ...options.headers },
    perMessageDeflate: options.perMessageDeflate ?? false,
    autoPong: options.autoPong ?? true,
    // ws takes any stream; its types name sockets only.
    createConnection: () => socket as Socket,
    finishRequest: (request) => {
      key = String(request.getHeader("sec-websocket-key"));
      request.end();
    },
    ...(options.origin === undefined ? {} : { origin: options.origin }),
  };
  const ws = createClient(`${url}${path}`, options, clientOptions, (error) => {
    socket.destroy();
    return invalidHandshake(call, error);
  });
  const handshake = new Promise<T | HttpAnswer>((resolve, reject) => {
    let response: IncomingMessage;
    ws.once("upgrade", (answer) => (response = answer));
    ws.once("open", () => resolve(onOpen({ ws, socket, response, key })));
    ws.once("unexpected-response", (_request, answer: IncomingMessage) => {
      readBody(answer).then(
        (body) => resolve({ status: answer.statusCode!, headers: answer.headers, body }),
        reject,
      );
    });
    ws.on("error", reject);
  });
  try {
    return await withLimit(handshake, leftMs, () =>
      timedOut({
        call,
        awaited: "the answer to the handshake",
        waitedMs: timeoutMs,
        arrived: [],
        end: undefined,
        log: log.problems,
      }),
    );
  } catch (error) {
    socket.destroy();
    throw (error as { readonly code?: unknown }).code === "VERNAL_TEST_TIMEOUT"
      ? error
      : noHandshake(call, error);
  }
}

/** Only what no request can hold fails already here, such as a header with a line break. */
function createClient(
  address: string,
  { subProtocols = [] }: ConnectOptions,
  options: ClientOptions,
  fail: (error: unknown) => VernalError,
): WebSocket {
  try {
    return new WebSocket(address, [...subProtocols], options);
  } catch (error) {
    throw fail(error);
  }
}

async function readBody(answer: IncomingMessage): Promise<string> {
  let body = "";
  answer.setEncoding("utf8");
  for await (const text of answer) body += text as string;
  return body;
}
