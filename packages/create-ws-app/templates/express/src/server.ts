import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocketApplication } from "@vernal/websocket";
import express from "express";
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
  app.post("/api/board", express.text(), (request, response) => {
    const text: unknown = request.body;
    if (typeof text !== "string" || text.trim() === "") {
      response.status(400).send("Send a text.");
      return;
    }
    application.get(Board).write(text);
    response.status(204).end();
  });

  server.listen(port);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      // The sessions first: the server would wait for them.
      await application.close();
      server.close();
      server.closeIdleConnections();
    },
  };
}
