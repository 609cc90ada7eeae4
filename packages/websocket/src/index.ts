/**
 * Handlers, sessions, the application and the client.
 *
 * @module @vernal/websocket
 */

// First: tsyringe and the types that the compiler emits need it.
import "reflect-metadata";

export { WebSocketApplication } from "./websocket-application";
export type {
  ApplicationOptions,
  AttachedApplicationOptions,
  WebSocketApplicationOptions,
} from "./websocket-application-options";
export {
  WebSocketHandler,
  type ErrorMapper,
  type HandlerOf,
  type InstanceOrClass,
  type PathVariables,
  type SubProtocolCapable,
  type WebSocketHandlerDecoratorFactory,
  type WebSocketHandlerOptions,
} from "./websocket-handler";
export { WebSocketHandlerDecorator } from "./websocket-handler-decorator";
export { AbstractWebSocketHandler } from "./abstract-websocket-handler";
export { TextWebSocketHandler } from "./text-websocket-handler";
export { BinaryWebSocketHandler } from "./binary-websocket-handler";
export type { ClosedBy, SocketAddress, WebSocketSession } from "./websocket-session";
export type { AttributeMap, AttributeValue, SessionAttributes } from "./session-attributes";
export {
  BinaryMessage,
  PingMessage,
  PongMessage,
  TextMessage,
  type Sendable,
  type WebSocketMessage,
} from "./message";
export {
  CloseSessionError,
  CloseStatus,
  type ReceiveOnlyCloseCode,
  type ReceiveOnlyCloseStatus,
} from "./close-status";
export {
  HandshakeHeaders,
  refuse,
  type Refusal,
  type HandshakeHandler,
  type HandshakeInterceptor,
  type HandshakeRequest,
  type RequestListener,
  type Principal,
} from "./handshake";
export {
  Configuration,
  EnableWebSocket,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistration,
  type WebSocketHandlerRegistry,
} from "./websocket-configurer";
export { WebSocketSessions } from "./websocket-sessions";
export { WebSocketBroadcaster, type Broadcast } from "./websocket-broadcaster";
export {
  BroadcastRelay,
  type BroadcastAction,
  type BroadcastEnvelope,
  type BroadcastTarget,
} from "./broadcast-relay";
export {
  Bean,
  Component,
  delay,
  DiscoveredComponents,
  Import,
  inject,
  injectable,
  injectAll,
  InjectLogger,
  type ClassProvider,
  type FactoryProvider,
  type InjectionToken,
  type Logger,
  type Provider,
  type ValueProvider,
} from "./injection";
export { WebSocketClient } from "./websocket-client";
export type {
  ClientHandshakeOptions,
  ExecuteOptions,
  WebSocketClientOptions,
} from "./websocket-client-options";
export { WebSocketConnectionManager } from "./websocket-connection-manager";
export type {
  AskedEachTime,
  ConnectionEnd,
  Disconnection,
  SendQueueOptions,
  WebSocketConnectionManagerOptions,
} from "./websocket-connection-manager-options";
export { ClassMetadata, type AnyClass } from "./class-metadata";
export { VernalError, type HandshakeAnswer } from "./errors";
export type { ConnectionOptions, MessageRate, OverflowStrategy } from "./options";
export type { ApplicationStats, Traffic } from "./stats";
