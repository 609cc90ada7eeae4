import {
  Component,
  refuse,
  WebSocketHandler,
  type HandshakeHandler,
  type HandshakeRequest,
  type Principal,
  type Refusal,
} from "@vernal/websocket";
import { Greeter } from "./greeter";
import { Tokens } from "./tokens";

export const TOKEN_COOKIE = "token";

/** Reads the token out of a cookie, which the browser sends by itself. */
@Component()
export class CookieLogin implements HandshakeHandler {
  constructor(private readonly tokens: Tokens) {}

  determineUser(request: HandshakeRequest): Principal | Refusal {
    const token = this.tokens.verify(request.cookies[TOKEN_COOKIE], "cookie");
    if (token === undefined) return refuse(401);
    return { name: token.name, expiresAt: token.expiresAt };
  }
}

/** No `allowedOrigins`: a page of another site would bring the cookie along too, and gets 403. */
@WebSocketHandler("/ws/cookie", { handshakeHandler: CookieLogin })
export class CookieHandler extends Greeter {}
