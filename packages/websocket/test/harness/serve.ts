import { Configuration, EnableWebSocket } from "../../src/index";
import type {
  WebSocketApplication,
  WebSocketApplicationOptions,
  WebSocketConfigurer,
  WebSocketHandler,
  WebSocketHandlerOptions,
  WebSocketHandlerRegistry,
} from "../../src/index";
import { startApplication } from "./application";

interface Served extends WebSocketHandlerOptions {
  /** Where the handler is mapped; `/ws` unless told otherwise. */
  readonly paths?: [string, ...string[]];
}

/** An application with one handler, registered by a configurer. */
export function serve(
  handler: WebSocketHandler,
  { paths = ["/ws"], ...handlerOptions }: Served = {},
  options: WebSocketApplicationOptions = {},
): Promise<WebSocketApplication> {
  @Configuration()
  @EnableWebSocket()
  class Config implements WebSocketConfigurer {
    registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
      registry.addHandler(handler, ...paths).setOptions(handlerOptions);
    }
  }
  return startApplication({ ...options, components: [Config, ...(options.components ?? [])] });
}
