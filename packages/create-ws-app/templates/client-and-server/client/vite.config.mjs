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
      "/ws": { target: `http://127.0.0.1:${process.env.SERVER_PORT}`, ws: true },
    },
  },
});

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
