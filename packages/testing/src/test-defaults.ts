import {
  Configuration,
  EnableWebSocket,
  type AnyClass,
  type ApplicationOptions,
  type WebSocketConfigurer,
  type WebSocketHandler,
  type WebSocketHandlerRegistry,
} from "@vernal/websocket";
import type { ApplicationLog } from "./application-log";

const TEST_DEFAULTS = { closeTimeoutMs: 500, drainTimeoutMs: 3000, drainJitterMs: 0 } as const;

/** Options of an application with the defaults of a test, and with its handlers registered. */
export function withTestDefaults<O extends ApplicationOptions>(
  options: O,
  handlers: Readonly<Record<string, WebSocketHandler>>,
  log: ApplicationLog,
): O & { readonly drainTimeoutMs: number } {
  const registered = Object.keys(handlers).length === 0 ? [] : [configurerFor(handlers)];
  // What is undefined was not given: it must not take the place of a default.
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return {
    ...TEST_DEFAULTS,
    logger: log.logger,
    ...(Object.fromEntries(given) as O),
    drainTimeoutMs: options.drainTimeoutMs ?? TEST_DEFAULTS.drainTimeoutMs,
    components: [...registered, ...(options.components ?? [])],
  };
}

function configurerFor(handlers: Readonly<Record<string, WebSocketHandler>>): AnyClass {
  @Configuration()
  @EnableWebSocket()
  class TestHandlers implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      for (const [path, handler] of Object.entries(handlers)) registry.addHandler(handler, path);
    }
  }
  return TestHandlers;
}
