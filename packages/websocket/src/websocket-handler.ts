import { ClassMetadata } from "./class-metadata";
import type { CloseStatus } from "./close-status";
import { invalidArgument } from "./errors";
import type { HandshakeHandler, HandshakeInterceptor } from "./handshake";
import type { WebSocketMessage } from "./message";
import type { ConnectionOptions } from "./options";
import type { WebSocketSession } from "./websocket-session";

/**
 * What happens on the sessions of a path (Spring `WebSocketHandler`). One instance serves all of them.
 *
 * The callbacks of one session run one at a time and in the order of the wire, also when they return promises;
 * different sessions interleave. A throw or a rejection is logged and closes that session with 1011, unless `mapError`
 * or a `CloseSessionError` says otherwise; it touches no other session.
 *
 * Extend `TextWebSocketHandler`, `BinaryWebSocketHandler` or `AbstractWebSocketHandler` rather than implementing this.
 */
export interface WebSocketHandler<V extends object = object> {
  /** First, once, when the 101 has been written. No message is delivered before it has settled. */
  afterConnectionEstablished(session: WebSocketSession<V>): void | Promise<void>;

  /**
   * For each message of the peer: text, binary, and pongs. Pings are answered by Vernal and not delivered, nor are the
   * answers to its own.
   */
  handleMessage(session: WebSocketSession<V>, message: WebSocketMessage): void | Promise<void>;

  /** At most once, right before `afterConnectionClosed`: the peer broke the protocol, or the socket failed. */
  handleTransportError(session: WebSocketSession<V>, error: Error): void | Promise<void>;

  /**
   * Last, exactly once for each session that was established, also when `afterConnectionEstablished` threw. The session
   * has then left every group and index. A throw is only logged.
   *
   * @param status the peer's close frame if it came before ours, else what was decided here, else 1006.
   */
  afterConnectionClosed(session: WebSocketSession<V>, status: CloseStatus): void | Promise<void>;
}

/** A handler that speaks sub-protocols (Spring `SubProtocolCapable`). */
export interface SubProtocolCapable {
  /** The names it supports, compared as written. The client's order decides among them. */
  readonly subProtocols: readonly string[];
}

/**
 * Decides how a failed callback closes its session: a status, or `undefined` for 1011 without a reason. The failure is
 * logged as an error with 1011, and at debug with any other status. If it throws itself, that is logged, and it is 1011.
 */
export type ErrorMapper = (error: unknown, session: WebSocketSession) => CloseStatus | undefined;

/** An object, or the class of which the container makes the one instance. */
export type InstanceOrClass<T extends object> = T | (new (...args: never[]) => T);

/** Puts handlers into others that stand in front of them (Spring `WebSocketHandlerDecoratorFactory`). */
export interface WebSocketHandlerDecoratorFactory {
  /**
   * Called once for each registered handler, at boot, when all components are made and none is started; with
   * `scope: "connection"` once for each connection, before the 101. It is not awaited. A throw at boot is reported with
   * every other problem of the start, one before a 101 is a 500.
   *
   * @param handler what was registered, or what the factories behind this one have made of it.
   * @returns what gets the callbacks in its place, usually a `WebSocketHandlerDecorator`; or `handler` itself.
   */
  decorate(handler: WebSocketHandler): WebSocketHandler;
}

/** Everything that can be said about a registration, by `@WebSocketHandler` or by `setOptions`. */
export interface WebSocketHandlerOptions extends ConnectionOptions {
  /**
   * The pages that may connect besides those of this server itself, such as `"https://chat.example.com"`. `"*"` lets
   * every page of the web open sessions with the cookies of its visitor: only for what is public anyway. Default: the
   * same origin only: a page of somebody else would act in the name of its visitor.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Like `allowedOrigins`, with `*` in the host and ports as in `"https://*.example.com:[8080,8081]"` or `":[*]"`.
   * Default: none: a pattern lets in hosts that nobody has looked at.
   */
  readonly allowedOriginPatterns?: readonly string[];
  /**
   * Look at handshakes before they are answered, in this order; a class is made by the container. Default: none: the
   * checks of the protocol and of the origin are built in.
   */
  readonly interceptors?: readonly InstanceOrClass<HandshakeInterceptor>[];
  /**
   * Picks the sub-protocol and says who the peer is; a class is made by the container. Default: the first sub-protocol of
   * the client that the handler speaks, and nobody in particular: only the application knows its users.
   */
  readonly handshakeHandler?: InstanceOrClass<HandshakeHandler>;
  /**
   * What stands in front of the handler: the first listed is the outermost, and those of the application are outside of
   * all. A class is made by the container. Default: none: each is one more call for every message.
   */
  readonly decorators?: readonly InstanceOrClass<WebSocketHandlerDecoratorFactory>[];
  /**
   * The sub-protocols that are spoken. Default: the `subProtocols` of the handler, if it has any: a class knows best what
   * it speaks.
   */
  readonly subProtocols?: readonly string[];
  /**
   * Decides how a failed callback closes its session. Default: that of the application, else 1011: what failed is nobody's
   * business but the server's.
   */
  readonly mapError?: ErrorMapper;
  /**
   * `"connection"`: an instance for each connection, made by the container before the 101 (a throw of its constructor is
   * a 500), its `dispose()` called once after `afterConnectionClosed`. It costs about 1.5 KB and 5 µs per connection.
   * Of what it is injected with, components are shared as always; other classes are made anew and not disposed. Its
   * sub-protocols are those of the option, since no instance can be asked. Default `"application"`: one instance for
   * all, as in Spring.
   */
  readonly scope?: "application" | "connection";
}

/** The names in the path `P`, such as `"room"` in `"/ws/rooms/{room}"`. */
type VariableName<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | VariableName<Rest>
  : never;

// Distributes over a union of paths; the keys of the resulting union are the names that all of them have.
type VariablesOfEach<P extends string> = P extends string
  ? { readonly [N in VariableName<P>]: string }
  : never;

/**
 * The variables of a path literal: `{ readonly room: string }` for `"/ws/rooms/{room}"`. Of several paths those that
 * all have; of a path that is not known at compile time any.
 */
export type PathVariables<P extends string> = string extends P
  ? Readonly<Record<string, string>>
  : { readonly [N in keyof VariablesOfEach<P>]: string };

/**
 * A class whose callbacks rely on no more path variables than `V`. Properties instead of methods, so that the compiler
 * compares the parameters strictly.
 */
export interface HandlerOf<V extends object> {
  afterConnectionEstablished: (session: WebSocketSession<V>) => void | Promise<void>;
  handleMessage: (session: WebSocketSession<V>, message: WebSocketMessage) => void | Promise<void>;
  handleTransportError: (session: WebSocketSession<V>, error: Error) => void | Promise<void>;
  afterConnectionClosed: (session: WebSocketSession<V>, status: CloseStatus) => void | Promise<void>;
  handleTextMessage?: (session: WebSocketSession<V>, message: never) => void | Promise<void>;
  handleBinaryMessage?: (session: WebSocketSession<V>, message: never) => void | Promise<void>;
  handlePongMessage?: (session: WebSocketSession<V>, message: never) => void | Promise<void>;
}

/** What `@WebSocketHandler` wrote on a class. */
export interface HandlerMapping {
  readonly paths: readonly string[];
  readonly options: WebSocketHandlerOptions;
}

export const HANDLER_MAPPING = new ClassMetadata<HandlerMapping>("handler");

/**
 * Maps a handler class to one or several paths. The class is found by `scan` or named in `components`, its
 * constructor is injected, and boot registers its one instance as `registry.addHandler(handler, ...paths)` would.
 *
 * @param path such as `"/ws/chat"`, `"/ws/rooms/{room}"`, `"/ws/*"` (one segment) or `"/ws/**"` (the rest), or an array
 * of these. Of several that match a request the most specific wins. Checked at boot.
 * @throws VernalError `VERNAL_INVALID_ARGUMENT` for a path that is no string or an empty array.
 */
export function WebSocketHandler<const P extends string>(
  path: P | readonly P[],
  options: WebSocketHandlerOptions = {},
): (target: new (...args: never[]) => HandlerOf<PathVariables<P>>) => void {
  const paths = typeof path === "string" ? [path] : path;
  if (!Array.isArray(paths) || paths.length === 0 || paths.some((each) => typeof each !== "string")) {
    throw invalidArgument("@WebSocketHandler", path, "a path, or an array of at least one");
  }
  return (target) => HANDLER_MAPPING.write(target, { paths, options });
}
