import { pino, type Logger } from "pino";
import { WebSocketApplication, type WebSocketApplicationOptions } from "../../src/index";

const started: WebSocketApplication[] = [];

/**
 * Starts an application on a free port, silent unless it brings a logger; `closeApplications` ends it. Raw connections
 * answer no close frame, so they are cut after half a second; a callback that a failed test left hanging is not waited
 * for as long as it would be elsewhere.
 */
export async function startApplication(options: WebSocketApplicationOptions): Promise<WebSocketApplication> {
  const application = await WebSocketApplication.start({
    port: 0,
    closeTimeoutMs: 500,
    drainTimeoutMs: 3000,
    logger: pino({ level: "silent" }),
    ...options,
  });
  started.push(application);
  return application;
}

export async function closeApplications(): Promise<void> {
  await Promise.all(started.splice(0).map((application) => application.close()));
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: number };

/** A logger that keeps its lines. */
export function recordingLogger(level = "debug"): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as LogLine);
  return { logger: pino({ level }, { write }), lines };
}
