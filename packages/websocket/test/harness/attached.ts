import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { WebSocketApplication } from "../../src/index";
import { within } from "./until";

type AttachOptions = Parameters<typeof WebSocketApplication.attach>[1];

const attached: WebSocketApplication[] = [];
const listening: Server[] = [];

/** Attaches an application, silent unless it brings a logger; `closeHosts` ends it and the servers of `listen`. */
export async function attach(server: Server, options: AttachOptions): Promise<WebSocketApplication> {
  const application = await WebSocketApplication.attach(server, {
    closeTimeoutMs: 500,
    logger: pino({ level: "silent" }),
    ...options,
  });
  attached.push(application);
  return application;
}

/** Listens on a free port, and gives it. */
export async function listen(server: Server): Promise<number> {
  listening.push(server);
  server.listen(0);
  await within("the server to listen", once(server, "listening"));
  return (server.address() as AddressInfo).port;
}

export async function closeHosts(): Promise<void> {
  await Promise.all(attached.splice(0).map((application) => application.close()));
  for (const server of listening.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
}
