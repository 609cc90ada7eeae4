import { ServerResponse } from "node:http";
import {
  Component,
  inject,
  refuse,
  WebSocketHandler,
  type HandshakeHandler,
  type HandshakeRequest,
  type Principal,
  type Refusal,
} from "@vernal/websocket";
import type { Request, RequestHandler, Response } from "express";
import type { SessionData } from "express-session";
import { Greeter } from "./greeter";

declare module "express-session" {
  interface SessionData {
    /** Who has logged in. */
    user: string;
  }
}

/** The middleware that the routes use too. */
export const SESSION_MIDDLEWARE = Symbol("session middleware");

/** Runs the session middleware of express on the handshake, which express itself does not see. */
@Component()
export class ExpressSessionLogin implements HandshakeHandler {
  constructor(@inject(SESSION_MIDDLEWARE) private readonly middleware: RequestHandler) {}

  async determineUser(request: HandshakeRequest): Promise<Principal | Refusal> {
    const { user, cookie } = await this.#sessionOf(request);
    if (user === undefined) return refuse(401);
    return { name: user, expiresAt: cookie.expires ?? undefined };
  }

  async #sessionOf({ raw }: HandshakeRequest): Promise<Partial<SessionData> & Pick<SessionData, "cookie">> {
    const request = raw as Request;
    // Nobody writes it, so nothing is stored and no cookie is set.
    const response = new ServerResponse(raw) as Response;
    await new Promise<void>((resolve, reject) => {
      const next = (error?: unknown): void =>
        error === undefined ? resolve() : reject(new Error("the session cannot be read", { cause: error }));
      void this.middleware(request, response, next);
    });
    return request.session;
  }
}

/** No `allowedOrigins` here either. */
@WebSocketHandler("/ws/express-session", { handshakeHandler: ExpressSessionLogin })
export class ExpressSessionHandler extends Greeter {}
