import { pino } from "pino";
import { WebSocketClient, type WebSocketClientOptions } from "../../src/index";

const made: WebSocketClient[] = [];

/** A client that is silent unless it brings a logger; `closeClients` ends it. */
export function newClient(options: WebSocketClientOptions = {}): WebSocketClient {
  const client = new WebSocketClient({ logger: pino({ level: "silent" }), closeTimeoutMs: 500, ...options });
  made.push(client);
  return client;
}

export async function closeClients(): Promise<void> {
  await Promise.all(made.splice(0).map((client) => client.close()));
}
