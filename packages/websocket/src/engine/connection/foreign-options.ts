const THE_PATH = `the path, @WebSocketHandler("/ws/chat")`;
const WHO_GETS_IN = "an interceptor or a handshakeHandler, options of a handler";

/** What options of ws, Socket.IO and NestJS are called here. */
export const COUNTERPARTS: ReadonlyMap<string, string> = new Map([
  ["allowRequest", WHO_GETS_IN],
  ["cors", "allowedOrigins, an option of a handler"],
  ["handleProtocols", "subProtocols, an option of a handler"],
  ["maxHttpBufferSize", "maxMessageBytes"],
  ["maxPayload", "maxMessageBytes"],
  ["namespace", THE_PATH],
  ["noServer", "WebSocketApplication.attach(server)"],
  ["path", THE_PATH],
  ["pingInterval", "heartbeatIntervalMs"],
  ["pingTimeout", "heartbeatIntervalMs"],
  ["server", "WebSocketApplication.attach(server)"],
  ["verifyClient", WHO_GETS_IN],
]);
