import type { Logger } from "@vernal/websocket";
import { levels, pino } from "pino";

/** One line that an application has logged, as pino writes it. */
export type LogLine = Readonly<Record<string, unknown>> & {
  /** 20 is debug, 30 info, 40 warn, 50 error. */
  readonly level: number;
  /** Missing where only fields were logged. */
  readonly msg?: string;
};

const WARN = levels.values["warn"]!;

/** Keeps what an application logs instead of printing it. */
export class ApplicationLog {
  readonly lines: LogLine[] = [];
  readonly logger: Logger = pino(
    { level: "debug" },
    { write: (line: string) => void this.lines.push(JSON.parse(line) as LogLine) },
  );

  /** The warnings and errors, for the message of a failed wait. */
  get problems(): readonly string[] {
    return this.lines.filter(({ level }) => level >= WARN).map(describe);
  }
}

function describe({ level, msg, err, time: _time, pid: _pid, hostname: _host, ...fields }: LogLine): string {
  const { type, message } = (err ?? {}) as { readonly type?: string; readonly message?: string };
  const error = message === undefined ? "" : `: ${type ?? "Error"}: ${message}`;
  return `${levels.labels[level] ?? level}: ${msg ?? JSON.stringify(fields)}${error}`;
}
