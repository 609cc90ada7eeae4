import {
  WebSocketConnectionManager,
  type Disconnection,
  type WebSocketClientOptions,
  type WebSocketConnectionManagerOptions,
  type WebSocketSession,
} from "../../src/index";
import { closeApplications } from "./application";
import { closeClients, newClient } from "./clients";
import { stopRawServers, type RawPeer, type RawServer } from "./raw-server";
import { SessionRecorder } from "./session-recorder";
import { until } from "./until";

/** Longer than any test. */
export const LONG_MS = 3_600_000;
const managers: WebSocketConnectionManager[] = [];

/** A manager, what its handler saw, and what its callbacks were told. */
export class Managed {
  readonly manager: WebSocketConnectionManager;
  readonly recorder: SessionRecorder;
  readonly ends: Disconnection[] = [];

  constructor(
    url: ConstructorParameters<typeof WebSocketConnectionManager>[2],
    options: WebSocketConnectionManagerOptions = {},
    recorder = new SessionRecorder(),
    clientOptions: WebSocketClientOptions = {},
  ) {
    this.recorder = recorder;
    this.manager = new WebSocketConnectionManager(newClient(clientOptions), recorder, url, {
      initialDelayMs: 1,
      maxDelayMs: 20,
      stableAfterMs: 0,
      ...options,
      connected: (session) => {
        recorder.log.push("connected");
        return options.connected?.(session);
      },
      disconnected: (disconnection) => {
        this.ends.push(disconnection);
        const { status, error, next } = disconnection;
        recorder.log.push(`${status?.code ?? error?.code} ${next === "stopped" ? "stopped" : "goes on"}`);
        return options.disconnected?.(disconnection);
      },
    });
    managers.push(this.manager);
  }

  start(): this {
    this.manager.start();
    return this;
  }

  async logged(line: string, times = 1): Promise<void> {
    await until(line, () => this.recorder.log.filter((each) => each === line).length >= times);
  }
}

/** A handler whose first last callback takes as long as others need to connect several times. */
export class Lingering extends SessionRecorder {
  constructor(private readonly url: string) {
    super();
  }

  override async afterConnectionClosed(session: WebSocketSession<object>): Promise<void> {
    if (session !== this.sessions[0]) return;
    this.log.push("closing");
    for (let count = 0; count < 5; count += 1) await newClient().execute(new SessionRecorder(), this.url);
    this.log.push("closed");
  }
}

/** The texts that come next. */
export async function texts(peer: RawPeer, count: number): Promise<readonly string[]> {
  const received: string[] = [];
  while (received.length < count) received.push((await peer.frame()).payload.toString());
  return received;
}

/** Takes connections and holds them. */
export async function acceptNext(server: RawServer): Promise<RawPeer> {
  const peer = await server.next();
  await peer.accept();
  return peer;
}

/** Stops the managers of a test, and what they talked to. */
export async function endManagers(): Promise<void> {
  await stopRawServers();
  await Promise.all(managers.splice(0).map((manager) => manager.stop()));
  await closeClients();
  await closeApplications();
}
