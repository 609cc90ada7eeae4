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

/** Serves the built page; while developing, Vite does. */
export function servePage(folder: string): (request: IncomingMessage, response: ServerResponse) => void {
  const files = sirv(folder, {
    // In production the files are looked up once.
    dev: process.env["NODE_ENV"] !== "production",
    etag: true,
    setHeaders: (response, path) => {
      // The names in `assets` change with their content. Of all else, browsers ask each time whether it has changed.
      const isLasting = path.startsWith("/assets/");
      response.setHeader("Cache-Control", isLasting ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
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
