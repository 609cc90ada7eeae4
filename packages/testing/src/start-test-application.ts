import { isIP } from "node:net";
import { WebSocketApplication } from "@vernal/websocket";
import { ApplicationLog } from "./application-log";
import { openSocket } from "./open-socket";
import { TestApplication } from "./test-application";
import type { StartTestApplicationOptions } from "./test-application-options";
import { withTestDefaults } from "./test-defaults";
import { DEFAULT_TIMEOUT_MS, limitOf } from "./wait-options";

const LOOPBACK = "127.0.0.1";

/**
 * Starts an application on a free port, with real sockets.
 *
 * ```ts
 * await using application = await startTestApplication({
 *   components: [ChatHandler],
 *   overrides: [{ token: MessageStore, useValue: new StoreInMemory() }],
 * });
 * const client = await application.connect("/ws/chat");
 * client.send("hello");
 * expect(await client.next()).toBe("hello");
 * ```
 *
 * @throws VernalError `VERNAL_BOOT_FAILED`, as `WebSocketApplication.start`; nothing stays open then.
 * `VERNAL_TEST_INVALID_ARGUMENT` for a `timeoutMs` that is no time.
 */
export async function startTestApplication({
  handlers = {},
  timeoutMs: wanted,
  ...options
}: StartTestApplicationOptions): Promise<TestApplication> {
  const timeoutMs = limitOf({ timeoutMs: wanted }, DEFAULT_TIMEOUT_MS, "startTestApplication()");
  const log = new ApplicationLog();
  const host = options.host ?? LOOPBACK;
  const applicationOptions = { port: 0, ...withTestDefaults({ ...options, host }, handlers, log) };
  const application = await WebSocketApplication.start(applicationOptions);
  const { port, url } = application;
  return new TestApplication({
    application,
    url,
    timeoutMs,
    drainTimeoutMs: applicationOptions.drainTimeoutMs,
    log,
    takesAddress: (address) => isIP(address) !== 0,
    open: (localAddress, signal) =>
      openSocket({ host, port, localAddress, isSecure: options.tls !== undefined }, signal),
  });
}
