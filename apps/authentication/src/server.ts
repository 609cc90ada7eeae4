import { createServer, type Server } from "node:http";
import {
  WebSocketApplication,
  WebSocketBroadcaster,
  type AttachedApplicationOptions,
} from "@vernal/websocket";
import express from "express";
import session, { type Store } from "express-session";
import { accountRoutes, type Accounts } from "./account-routes";
import { CookieHandler } from "./cookie";
import { ExpressSessionHandler, SESSION_MIDDLEWARE } from "./express-session";
import { SubProtocolHandler } from "./sub-protocol";
import { TicketHandler, Tickets } from "./ticket";
import { Tokens } from "./tokens";

export interface ServerSettings {
  /** What tokens and session cookies are signed with. */
  readonly secret: string;
  readonly accounts: Accounts;
  /** Where express keeps its sessions. Default: in the memory of this process, which is for examples only. */
  readonly sessionStore?: Store;
  /** How long a session of express lasts without a request. Milliseconds, default one hour. */
  readonly sessionMs?: number;
  readonly options?: AttachedApplicationOptions;
}

/** An express server with all four handlers; it does not listen yet. */
export async function createExampleServer({
  secret,
  accounts,
  sessionStore,
  sessionMs = 60 * 60 * 1000,
  options = {},
}: ServerSettings): Promise<{
  readonly server: Server;
  readonly application: WebSocketApplication;
}> {
  const tokens = new Tokens(secret);
  const sessions = session({
    secret,
    store: sessionStore,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: "lax", secure: "auto", maxAge: sessionMs },
  });

  const app = express();
  const server = createServer(app);
  const application = await WebSocketApplication.attach(server, {
    components: [SubProtocolHandler, TicketHandler, CookieHandler, ExpressSessionHandler],
    providers: [
      { token: Tokens, useValue: tokens },
      { token: SESSION_MIDDLEWARE, useValue: sessions },
    ],
    ...options,
  });

  app.use(sessions);
  app.use(
    accountRoutes({
      accounts,
      tokens,
      tickets: application.get(Tickets),
      broadcaster: application.get(WebSocketBroadcaster),
    }),
  );
  return { server, application };
}
