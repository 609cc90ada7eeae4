import type { IncomingMessage, ServerResponse } from "node:http";
import sirv from "sirv";

/** Scripts, styles and connections of this server only; nothing inline, and in nobody's frame. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const securityHeaders = {
  "Content-Security-Policy": contentSecurityPolicy,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Serves the files of a folder, each with the same security headers. */
export function servePage(folder: string): (request: IncomingMessage, response: ServerResponse) => void {
  // In production the files are looked up once. Browsers ask each time whether one has changed, because the scripts
  // of the page must be of one version.
  const files = sirv(folder, { dev: process.env["NODE_ENV"] !== "production", etag: true, maxAge: 0 });
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      answer(response, 405, "This page can only be read.");
    } else {
      files(request, response, () => answer(response, 404, "There is no such page."));
    }
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(text);
}
