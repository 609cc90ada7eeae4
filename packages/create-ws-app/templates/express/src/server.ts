import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";
import express from "express";
import { answerError } from "./answer-error";
import { Board } from "./board";

export interface RunningServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The routes of express and the handlers in src/handlers, on one port. Port 0 is a free one. */
export async function startServer(port: number): Promise<RunningServer> {
  const app = express();
  const server = createServer(app);
  // Before it listens: a handshake that comes earlier would find no handlers.
  const application = await WebSocketApplication.attach(server, { scan: [join(__dirname, "handlers")] });

  app.use(express.static(join(__dirname, "../public")));
  // JSON only. A page of another origin can send plain text or a form; for JSON its browser asks first, and is not allowed.
  app.post("/api/board", express.json(), (request, response) => {
    const { text } = (request.body ?? {}) as { readonly text?: unknown };
    if (typeof text === "string" && application.get(Board).write(text)) response.status(204).end();
    else response.status(400).send('Send JSON with a text: {"text": "Lunch at one"}');
  });

  // Behind all routes.
  app.use(answerError);

  server.listen(port);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      // The sessions first: the server would wait for them.
      await application.close();
      server.close();
    },
  };
}
