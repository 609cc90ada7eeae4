import { CloseStatus, type WebSocketBroadcaster } from "@vernal/websocket";
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import { TOKEN_COOKIE } from "./cookie";
import "./express-session";
import type { Tickets } from "./ticket";
import type { Tokens } from "./tokens";

const LOGIN_SECONDS = 15 * 60;

export interface Accounts {
  /** Whether this is the password of that user. */
  check(name: string, password: string): boolean | Promise<boolean>;
}

interface RouteSettings {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly tickets: Tickets;
  readonly broadcaster: WebSocketBroadcaster;
}

/** Login and logout, and what a page asks for before it opens a socket. */
export function accountRoutes({ accounts, tokens, tickets, broadcaster }: RouteSettings): Router {
  const routes = express.Router();

  routes.post("/login", express.json(), async (request, response) => {
    const { name, password } = (request.body ?? {}) as Readonly<Record<string, unknown>>;
    const isRight = typeof name === "string" && typeof password === "string";
    if (!isRight || !(await accounts.check(name, password))) return void response.sendStatus(401);
    await regenerate(request);
    request.session.user = name;
    response.cookie(TOKEN_COOKIE, tokens.issue(name, "cookie", { seconds: LOGIN_SECONDS }), {
      httpOnly: true,
      sameSite: "lax",
      secure: request.secure,
      maxAge: LOGIN_SECONDS * 1000,
    });
    response.sendStatus(204);
  });

  routes.post("/token", asUser, (_request, response: Response<unknown, { user: string }>) => {
    response.json({ token: tokens.issue(response.locals.user, "chat", { seconds: LOGIN_SECONDS }) });
  });

  routes.post("/ticket", asUser, (_request, response: Response<unknown, { user: string }>) => {
    const loginUntil = new Date(Date.now() + LOGIN_SECONDS * 1000);
    response.json({ ticket: tickets.issue(response.locals.user, loginUntil) });
  });

  routes.post("/logout", asUser, logout(broadcaster));

  return routes;
}

/** Ends the login of this browser, and every socket of its user. */
function logout(broadcaster: WebSocketBroadcaster): RequestHandler {
  const loggedOut = new CloseStatus(CloseStatus.POLICY_VIOLATION.code, "logged out");
  return async (request, response) => {
    await destroy(request);
    response.clearCookie(TOKEN_COOKIE);
    // The sockets know nothing of cookies.
    broadcaster.toUser(response.locals["user"] as string).close(loggedOut);
    response.sendStatus(204);
  };
}

const asUser: RequestHandler = (request, response, next) => {
  const { user } = request.session;
  if (user === undefined) return void response.sendStatus(401);
  response.locals["user"] = user;
  next();
};

/** A new id at login, so that nobody can prepare the session of somebody else. */
function regenerate({ session }: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    session.regenerate((error: Error | undefined) => (error ? reject(error) : resolve()));
  });
}

function destroy({ session }: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    session.destroy((error: Error | undefined) => (error ? reject(error) : resolve()));
  });
}
