import { pino, type Logger, type LoggerOptions } from "pino";

/**
 * The logger of an application that brings none: readable lines while developing, JSON in production, both to standard
 * output. `LOG_LEVEL` sets the level, `info` otherwise.
 */
export function createLogger(environment: NodeJS.ProcessEnv): Logger {
  const options: LoggerOptions = { level: levelFrom(environment["LOG_LEVEL"]) };
  // Written at once, so that the last lines before a crash are there and in their order.
  if (environment["NODE_ENV"] === "production")
    return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino({ ...options, serializers: { err: errorForTerminal } }, prettyStream());
}

/** Text of a peer as it may stand in a line of a log: no control characters, and not without end. */
export function escapeForLog(text: string): string {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  // Direction marks would turn the rest of the line around; half a surrogate pair is no character.
  return shown.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** An error may carry what a peer sent, and a terminal obeys control characters; JSON escapes them by itself. */
function errorForTerminal(error: Error): object {
  const serialized = pino.stdSerializers.err(error) as unknown;
  if (typeof serialized !== "object" || serialized === null) return { message: escapeForLog(String(error)) };
  const lines = Object.entries(serialized).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === "string" ? value.split("\n").map(escapeForLog).join("\n") : value,
  ]);
  return Object.fromEntries(lines) as object;
}

function levelFrom(name: string | undefined): string {
  const level = name?.toLowerCase() ?? "info";
  return level === "silent" || Object.hasOwn(pino.levels.values, level) ? level : "info";
}

// Loaded here, because production has no use for it. What the text of a line says already is left out of its fields.
function prettyStream(): NodeJS.WritableStream {
  const pretty = require("pino-pretty") as typeof import("pino-pretty");
  return pretty({
    colorize: process.stdout.isTTY,
    ignore: "pid,hostname,component,endpoint,port",
    messageFormat: "{if component}{component}: {end}{msg}",
    singleLine: true,
    sync: true,
    translateTime: "HH:MM:ss",
  });
}
