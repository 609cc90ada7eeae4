import { isIP } from "node:net";
import { dial } from "./dial";
import { handshakeRefused, invalidTestArgument } from "./errors";
import { checkHandshake } from "./handshake-options";
import { openSocket } from "./open-socket";
import { openWithin } from "./open-within";
import { now } from "./real-timers";
import { TestClient } from "./test-client";
import type { ConnectOptions } from "./test-client-options";
import { DEFAULT_TIMEOUT_MS, limitOf } from "./wait-options";

/** Nobody keeps the log of a server that the test has not started here. */
const NO_LOG = { problems: [] };

/**
 * A client of any server, such as one with an application attached to it, or a program of its own. Whoever asks for it ends
 * it. Over TLS it trusts every certificate.
 *
 * ```ts
 * await using client = await connectTestClient(`ws://localhost:${port}/ws/chat`);
 * client.send("hello");
 * ```
 *
 * Of the server it knows nothing: `roundTrip` does not see what the server still holds for a client that reads slowly.
 *
 * @param url with `ws:` or `wss:`, and a query, if there is one; a user in it is sent as `Authorization`, as `ws` does.
 * @param options as of `TestApplication.connect`; `timeoutMs` is 2000 unless told otherwise.
 * @throws VernalError `VERNAL_TEST_HANDSHAKE_REFUSED` with the server's `answer`, `VERNAL_TEST_TIMEOUT`,
 * `VERNAL_TEST_NO_HANDSHAKE`, or `VERNAL_TEST_INVALID_ARGUMENT` for what no request can hold.
 */
export async function connectTestClient(url: string, options: ConnectOptions = {}): Promise<TestClient> {
  const call = `connectTestClient(${JSON.stringify(url)})`;
  const { origin, path, ...target } = targetOf(call, url);
  const { remoteAddress: localAddress } = options;
  if (localAddress !== undefined && isIP(localAddress) === 0) {
    throw invalidTestArgument(`remoteAddress of ${call}`, localAddress, "an address of this machine");
  }
  checkHandshake(call, path, options);
  const timeoutMs = limitOf(options, DEFAULT_TIMEOUT_MS, call);
  const started = now();
  const socket = await openWithin(call, timeoutMs, NO_LOG, (signal) =>
    openSocket({ ...target, localAddress }, signal),
  );
  const leftMs = Math.max(0, timeoutMs - (now() - started));
  const dialled = { url: origin, path, call, timeoutMs, leftMs, log: NO_LOG };
  const result = await dial(
    socket,
    dialled,
    options,
    (opened) => new TestClient(opened, path, timeoutMs, NO_LOG, () => 0),
  );
  if (result instanceof TestClient) return result;
  socket.destroy();
  const { body, ...answer } = result;
  throw handshakeRefused(call, answer, body, []);
}

interface Target {
  readonly origin: string;
  readonly path: string;
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

function targetOf(call: string, text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^wss?:$/.test(url.protocol)) {
    throw invalidTestArgument(
      call,
      text,
      'an address with "ws:" or "wss:", such as "ws://localhost:8080/ws"',
    );
  }
  const isSecure = url.protocol === "wss:";
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const { username, password } = url;
  const credentials = username === "" && password === "" ? "" : `${username}:${password}@`;
  return {
    origin: `${url.protocol}//${credentials}${url.host}`,
    path: `${url.pathname}${url.search}${url.hash}`,
    host,
    port,
    isSecure,
  };
}
