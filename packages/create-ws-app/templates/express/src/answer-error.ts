import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler } from "express";

/**
 * What express does where a route or its middleware fails: a short text, and nothing of what is inside of here. Mistakes of
 * clients are one line of the log, without what they sent; those of this program come with their stack. Express knows it
 * by its four parameters.
 */
export const answerError: ErrorRequestHandler = (error: unknown, request, response, next) => {
  // Too late for another answer: express ends the connection.
  if (response.headersSent) return next(error);
  const { status = 500, type = "" } = (error ?? {}) as { readonly status?: number; readonly type?: string };
  const isTheirs = status >= 400 && status < 500;
  if (isTheirs)
    console.warn(`${request.method} ${request.path} was answered with ${status} ${type}`.trimEnd());
  else console.error(error);
  const isNoJson = type === "entity.parse.failed";
  const text = isNoJson ? "This is not JSON." : STATUS_CODES[isTheirs ? status : 500];
  response
    .status(isTheirs ? status : 500)
    .type("text")
    .send(text);
};
