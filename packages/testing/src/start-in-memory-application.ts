import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketApplication } from "@vernal/websocket";
import { ApplicationLog } from "./application-log";
import { MemorySocket } from "./memory-socket";
import { TestApplication } from "./test-application";
import type { StartInMemoryApplicationOptions } from "./test-application-options";
import { withTestDefaults } from "./test-defaults";
import { DEFAULT_TIMEOUT_MS, limitOf } from "./wait-options";

const FIRST_CLIENT_PORT = 50_000;

/**
 * Starts an application without a port: clients reach it over streams in memory. Everything above is the real thing,
 * Node's parser of HTTP, handshake, order, limits and closing; it opens no socket, and with fake timers its clocks are the
 * test's.
 *
 * Plain requests of HTTP get 404: there is no server of its own. For these take `startTestApplication`.
 *
 * @throws VernalError `VERNAL_BOOT_FAILED`, as `WebSocketApplication.attach`; `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs`
 * that is no time.
 */
export async function startInMemoryApplication({
  handlers = {},
  timeoutMs: wanted,
  ...options
}: StartInMemoryApplicationOptions): Promise<TestApplication> {
  const timeoutMs = limitOf({ timeoutMs: wanted }, DEFAULT_TIMEOUT_MS, "startInMemoryApplication()");
  const log = new ApplicationLog();
  // Never listens: it only reads what is emitted to it.
  const server = createServer((_request, response) => response.writeHead(404).end());
  const applicationOptions = withTestDefaults(options, handlers, log);
  const application = await WebSocketApplication.attach(server, applicationOptions);
  let clientPort = FIRST_CLIENT_PORT;
  const open = (remoteAddress = "127.0.0.1"): Promise<Duplex> => {
    const [client, end] = MemorySocket.pair(remoteAddress, clientPort);
    clientPort += 1;
    // As for a socket of TCP: whoever uses it listens too; until then a reset must not end the process.
    client.on("error", () => {});
    server.emit("connection", end);
    return Promise.resolve(client);
  };
  return new TestApplication({
    application,
    url: "ws://localhost",
    timeoutMs,
    drainTimeoutMs: applicationOptions.drainTimeoutMs,
    log,
    takesAddress: () => true,
    open,
  });
}
