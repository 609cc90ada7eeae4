import {
  TextWebSocketHandler,
  type HandshakeInterceptor,
  type HandshakeRequest,
  type SocketAddress,
  type WebSocketSession,
} from "../../src/index";

/** What an application knows of a client: during the handshake, and of the session. */
export interface View {
  readonly requestUri: string;
  readonly requestAddress: string | undefined;
  readonly uri: string;
  readonly address: SocketAddress | undefined;
}

/** A handler that keeps how it saw each client. */
export class Observing extends TextWebSocketHandler implements HandshakeInterceptor {
  readonly views: View[] = [];
  readonly #requests: HandshakeRequest[] = [];

  beforeHandshake(request: HandshakeRequest): void {
    this.#requests.push(request);
  }

  override afterConnectionEstablished(session: WebSocketSession): void {
    const { uri, remoteAddress } = this.#requests.pop()!;
    this.views.push({
      requestUri: uri.href,
      requestAddress: remoteAddress,
      uri: session.uri.href,
      address: session.remoteAddress,
    });
  }
}
