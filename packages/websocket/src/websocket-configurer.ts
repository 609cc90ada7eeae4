import { ClassMetadata, type AnyClass } from "./class-metadata";
import type { HandshakeHandler, HandshakeInterceptor } from "./handshake";
import type { InstanceOrClass, WebSocketHandler, WebSocketHandlerOptions } from "./websocket-handler";

/**
 * Registers handlers by hand (Spring `WebSocketConfigurer`). Implement it in a class with `@Configuration()`, and put
 * `@EnableWebSocket()` beside it.
 */
export interface WebSocketConfigurer {
  /**
   * Called once at boot and awaited, before the port opens; its class has been injected by then. A throw is reported
   * with every other problem of the start.
   */
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void | Promise<void>;
}

/** The handlers of an application by path (Spring `WebSocketHandlerRegistry`). Open during boot only. */
export interface WebSocketHandlerRegistry {
  /** Registers a class, which needs the option `scope: "connection"`: each connection gets an instance of its own. */
  addHandler(
    handlerClass: new (...args: never[]) => WebSocketHandler,
    ...paths: [string, ...string[]]
  ): WebSocketHandlerRegistration;

  /**
   * Registers one handler on one or several paths. Each path takes one handler in the whole application; a second one
   * is reported, unlike in Spring, where the last one wins silently.
   */
  addHandler(handler: WebSocketHandler, ...paths: [string, ...string[]]): WebSocketHandlerRegistration;
}

/** What can be said of one registered handler (Spring `WebSocketHandlerRegistration`). */
export interface WebSocketHandlerRegistration {
  /** Adds to the interceptors; they run in the order added. */
  addInterceptors(...interceptors: InstanceOrClass<HandshakeInterceptor>[]): this;
  /** Replaces the handshake handler. */
  setHandshakeHandler(handler: InstanceOrClass<HandshakeHandler>): this;
  /** Replaces the allowed origins; see `WebSocketHandlerOptions.allowedOrigins`. */
  setAllowedOrigins(...origins: string[]): this;
  /** Replaces the allowed origin patterns; see `WebSocketHandlerOptions.allowedOriginPatterns`. */
  setAllowedOriginPatterns(...patterns: string[]): this;
  /** Sets every option that is given, also those that have a method of their own; leaves the others. */
  setOptions(options: WebSocketHandlerOptions): this;
}

export const CONFIGURATION = new ClassMetadata<true>("configuration");
export const ENABLE_WEBSOCKET = new ClassMetadata<true>("enable-websocket");

/** Marks a class that configures the application (Spring `@Configuration`). It is injected like a component. */
export function Configuration(): (target: AnyClass) => void {
  return (target) => CONFIGURATION.write(target, true);
}

/**
 * Lets boot call `registerWebSocketHandlers` of every component and `@Configuration()` class that has it (Spring
 * `@EnableWebSocket`). Once in an application is enough.
 */
export function EnableWebSocket(): (target: AnyClass) => void {
  return (target) => ENABLE_WEBSOCKET.write(target, true);
}
