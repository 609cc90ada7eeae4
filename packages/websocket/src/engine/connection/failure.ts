import { CloseStatus } from "../../close-status";
import { invalidArgument } from "../../errors";
import type { ConnectionLimits } from "../../options";
import type { ErrorMapper } from "../../websocket-handler";
import type { WebSocketSession } from "../../websocket-session";

/** How a failed callback ends its session. */
export interface FailureVerdict {
  readonly status: CloseStatus;
  /** Whether the application chose the status, so that nothing is wrong on this side. */
  readonly intended: boolean;
  /** What `mapError` threw in its turn. */
  readonly mapperError?: unknown;
}

/** The verdict on what a callback threw. Never throws. */
export function judgeFailure(
  error: unknown,
  session: WebSocketSession,
  mapError: ErrorMapper | undefined,
): FailureVerdict {
  const chosen = chosenStatus(error);
  if (chosen !== undefined) return { status: chosen, intended: true };
  if (mapError === undefined) return { status: CloseStatus.SERVER_ERROR, intended: false };
  try {
    const status = statusFrom(mapError(error, session));
    return { status, intended: status.code !== CloseStatus.SERVER_ERROR.code };
  } catch (mapperError) {
    return { status: CloseStatus.SERVER_ERROR, intended: false, mapperError };
  }
}

/** The status of a `CloseSessionError`, of whichever copy of this package. */
function chosenStatus(error: unknown): CloseStatus | undefined {
  const candidate = error as { code?: unknown; status?: unknown } | null | undefined;
  if (candidate?.code !== "VERNAL_CLOSE_SESSION") return undefined;
  return isCloseStatus(candidate.status) ? candidate.status : undefined;
}

/** What `mapError` answered, which its type alone does not ensure. */
function statusFrom(answer: unknown): CloseStatus {
  if (answer === undefined || answer === null) return CloseStatus.SERVER_ERROR;
  if (isCloseStatus(answer)) return answer;
  // An asynchronous mapper that fails as well would otherwise end the process.
  if (answer instanceof Promise) answer.catch(() => {});
  throw invalidArgument(
    "session.close after mapError",
    answer,
    "a CloseStatus, or undefined for 1011, at once",
  );
}

/** Whichever copy of this package has made it. */
export function isCloseStatus(value: unknown): value is CloseStatus {
  return typeof (value as { isSendable?: unknown } | null | undefined)?.isSendable === "boolean";
}

/** The limit that an error of ws is about; `undefined` where it is about none. */
export function limitOf(error: Error & { readonly code?: string }): keyof ConnectionLimits | undefined {
  switch (error.code) {
    // The first is a length that no number of JavaScript holds.
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
      return "maxMessageBytes";
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      // Only the text tells the two apart.
      return error.message.includes("fragments") ? "maxFragments" : "maxBufferedChunks";
    default:
      return undefined;
  }
}

/** The close codes with which ws answers what it refuses (ws documentation, "Error codes"). */
const PROTOCOL_ERRORS: Readonly<Record<string, CloseStatus>> = {
  WS_ERR_INVALID_UTF8: CloseStatus.BAD_DATA,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: CloseStatus.POLICY_VIOLATION,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: CloseStatus.TOO_BIG_TO_PROCESS,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: CloseStatus.TOO_BIG_TO_PROCESS,
};

/**
 * The status that ws has sent for an error it reports, which its `close` event does not tell; `undefined` where the
 * error is none of the protocol.
 */
export function protocolErrorStatus(error: Error & { readonly code?: string }): CloseStatus | undefined {
  // zlib's own, for compressed data that does not inflate.
  if (error.code?.startsWith("Z_")) return CloseStatus.BAD_DATA;
  if (!error.code?.startsWith("WS_ERR_")) return undefined;
  return PROTOCOL_ERRORS[error.code] ?? CloseStatus.PROTOCOL_ERROR;
}
