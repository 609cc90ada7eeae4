import { createLogger, defineConfig } from "vite";

// For scripts/dev.mjs, which sets PORT and SERVER_PORT; in production the server itself serves the built page.
export default defineConfig({
  customLogger: quietLogger(),
  server: {
    port: Number(process.env.PORT),
    strictPort: true,
    proxy: {
      // Written as an object: given the address alone, Vite would put it into the Host header, and the server would refuse
      // the page as one of another origin.
      "/": { target: `http://127.0.0.1:${process.env.SERVER_PORT}`, ws: true, bypass: ownPath },
    },
  },
});

/** The path of what Vite answers itself: requests for the page, and its own connections. Without one, it is passed on. */
function ownPath(request, response) {
  const isHandshake = response === undefined;
  const isOfVite = /^vite-/.test(request.headers["sec-websocket-protocol"]);
  return isHandshake && !isOfVite ? undefined : request.url;
}

/** That the other side is gone is no news while the server restarts; pages try again. */
function quietLogger() {
  // What the server has said stays on the screen.
  const logger = createLogger("info", { allowClearScreen: false });
  const { error } = logger;
  logger.error = (text, options) => {
    if (!["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(options?.error?.code)) error(text, options);
  };
  return logger;
}
