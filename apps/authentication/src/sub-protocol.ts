import {
  CloseSessionError,
  CloseStatus,
  Component,
  refuse,
  WebSocketHandler,
  type HandshakeHandler,
  type HandshakeRequest,
  type Principal,
  type Refusal,
  type TextMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import { Greeter } from "./greeter";
import { Tokens } from "./tokens";

const PREFIX = "bearer.";

/** Reads the token out of `Sec-WebSocket-Protocol: chat, bearer.<token>`. */
@Component()
export class SubProtocolLogin implements HandshakeHandler {
  constructor(private readonly tokens: Tokens) {}

  determineUser(request: HandshakeRequest): Principal | Refusal {
    const offered = request.subProtocols.find((each) => each.startsWith(PREFIX));
    const token = this.tokens.verify(offered?.slice(PREFIX.length), "chat");
    if (token === undefined) return refuse(401, "", { "WWW-Authenticate": "Bearer" });
    return { name: token.name, expiresAt: token.expiresAt };
  }
}

/** It supports `chat` only, so that is what the 101 names; the token never goes back. */
@WebSocketHandler("/ws/sub-protocol", { subProtocols: ["chat"], handshakeHandler: SubProtocolLogin })
export class SubProtocolHandler extends Greeter {
  constructor(private readonly tokens: Tokens) {
    super();
  }

  /** `bearer.<token>` as a message renews the login; everything else is what the application is about. */
  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    if (!message.payload.startsWith(PREFIX)) return super.handleTextMessage(session, message);
    const token = this.tokens.verify(message.payload.slice(PREFIX.length), "chat");
    // A session does not change hands: what was joined and loaded belongs to the first user.
    if (token === undefined || token.name !== session.principal?.name) {
      throw new CloseSessionError(new CloseStatus(CloseStatus.POLICY_VIOLATION.code, "invalid token"));
    }
    session.authenticate({ name: token.name, expiresAt: token.expiresAt });
    await session.sendMessage(`renewed until ${token.expiresAt.toISOString()}`);
  }
}
