import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { WebSocket, type ClientOptions } from "ws";
import { cannotConnect, connectTimeout, handshakeRefused } from "../../client-errors";
import type { ConnectionLimits } from "../../options";

/** The types of ws lag behind its documentation. */
interface DialOptions extends ClientOptions {
  readonly maxFragments: number;
  readonly closeTimeout: number;
}

/** Whom to call, and how. */
export interface Target {
  readonly url: URL;
  /** The url as it may be shown. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subProtocols: readonly string[];
  readonly origin: string | undefined;
  readonly tls: TlsOptions | undefined;
  readonly timeoutMs: number;
  readonly limits: ConnectionLimits;
}

/** A WebSocket at the moment when it opens. */
export interface Dialled {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly response: IncomingMessage;
}

/**
 * Opens a connection. `opened` is called while ws emits its event: what came in one piece with the 101 is emitted
 * before any promise goes on.
 *
 * @returns what `opened` returned.
 * @throws VernalError where there is no connection; the signal's reason where it was aborted.
 */
export function dial<T>(target: Target, signal: AbortSignal, opened: (dialled: Dialled) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const ws = createWebSocket(target);
    let response: IncomingMessage | undefined;

    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      ws.removeListener("error", onError);
    };
    const fail = (error: Error): void => {
      settle();
      // ws still emits why it gave up.
      ws.on("error", ignore);
      ws.terminate();
      reject(error);
    };
    const onError = (error: Error): void => fail(cannotConnect(target.address, error));
    const onAbort = (): void => fail(signal.reason as Error);
    // The timeout of ws begins anew with every byte.
    const timer = setTimeout(() => fail(connectTimeout(target.address, target.timeoutMs)), target.timeoutMs);

    signal.addEventListener("abort", onAbort);
    ws.on("error", onError);
    ws.once("upgrade", (message) => (response = message));
    ws.once("unexpected-response", (_, { statusCode = 0, headers }) => {
      fail(handshakeRefused(target.address, { status: statusCode, headers }));
    });
    ws.once("open", () => {
      settle();
      resolve(opened({ ws, socket: response!.socket, response: response! }));
    });
  });
}

function createWebSocket(target: Target): WebSocket {
  const { url, limits, subProtocols } = target;
  const options: DialOptions = {
    // ws hands them to tls.connect, whatever its types say.
    ...(url.protocol === "wss:" ? (target.tls as ClientOptions | undefined) : undefined),
    headers: { ...target.headers },
    origin: target.origin,
    autoPong: false,
    followRedirects: false,
    maxPayload: limits.maxMessageBytes,
    maxFragments: limits.maxFragments,
    maxBufferedChunks: limits.maxBufferedChunks,
    closeTimeout: limits.closeTimeoutMs,
    perMessageDeflate: limits.perMessageDeflate && {
      clientNoContextTakeover: true,
      serverNoContextTakeover: true,
    },
  };
  return new WebSocket(url, [...subProtocols], options);
}

function ignore(): void {}
