import type {
  AttachedApplicationOptions,
  WebSocketApplicationOptions,
  WebSocketHandler,
} from "@vernal/websocket";
import type { WaitOptions } from "./wait-options";

/** What a test application has beside what any application has. */
export interface TestOptions extends WaitOptions {
  /**
   * Handlers by their paths, beside `components` and `scan`: for a handler that is not decorated, or that the test has made
   * itself. Default: none.
   */
  readonly handlers?: Readonly<Record<string, WebSocketHandler>>;
}

/**
 * How an application is put together for a test, as for `WebSocketApplication.start`. What is different: the port is a free
 * one, the address `127.0.0.1`, the log is kept instead of printed, `closeTimeoutMs` is 500, `drainTimeoutMs` 3000 and
 * `drainJitterMs` 0, so that a test does not wait for a client that has gone. All of it can be given.
 */
export interface StartTestApplicationOptions
  extends Omit<WebSocketApplicationOptions, "signals">, TestOptions {}

/**
 * How an application is put together for a test without a port, as for `WebSocketApplication.attach`, with the differences
 * of `StartTestApplicationOptions`.
 */
export interface StartInMemoryApplicationOptions extends AttachedApplicationOptions, TestOptions {}
