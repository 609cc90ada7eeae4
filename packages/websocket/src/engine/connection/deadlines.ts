import type { ConnectionLimits } from "../../options";
import { NEVER, type Vitals } from "./vitals";

/** The limits of time that end a session. */
export type PassedDeadline =
  | "unfinishedMessageTimeoutMs"
  | "firstMessageTimeoutMs"
  | "idleTimeoutMs"
  | "heartbeatIntervalMs"
  | "sendTimeLimitMs";

/**
 * What is to be done about a peer: nothing, a ping, or an end.
 *
 * @param resolution the time between two looks.
 */
export function judgeVitals(
  vitals: Readonly<Vitals>,
  limits: ConnectionLimits,
  now: number,
  resolution: number,
): PassedDeadline | "ping" | undefined {
  if (isOver(now - vitals.stalledSince, limits.sendTimeLimitMs)) return "sendTimeLimitMs";
  if (isOver(now - vitals.unfinishedSince, limits.unfinishedMessageTimeoutMs))
    return "unfinishedMessageTimeoutMs";
  if (vitals.messagesReceived === 0 && isOver(now - vitals.silentSince, limits.firstMessageTimeoutMs)) {
    return "firstMessageTimeoutMs";
  }
  if (isOver(now - vitals.idleSince, limits.idleTimeoutMs)) return "idleTimeoutMs";
  return judgeHeartbeat(vitals, limits.heartbeatIntervalMs, now, resolution);
}

function isOver(elapsed: number, limit: number | false): boolean {
  return limit !== false && elapsed >= limit;
}

/** One look early, each: both waits together never take more than two intervals. */
function judgeHeartbeat(
  { quietSince, pingedAt }: Readonly<Vitals>,
  interval: number | false,
  now: number,
  resolution: number,
): "heartbeatIntervalMs" | "ping" | undefined {
  if (interval === false) return undefined;
  const wait = interval - resolution;
  if (pingedAt !== NEVER) return now - pingedAt >= wait ? "heartbeatIntervalMs" : undefined;
  return now - quietSince >= wait ? "ping" : undefined;
}

/**
 * What is to be done about a callback that runs.
 *
 * @param runningSince since when, `NEVER` if none does.
 * @param hinderingSince since when it keeps the socket paused or the end from being told, `NEVER` if it does not.
 */
export function judgeCallback(
  runningSince: number,
  hinderingSince: number,
  limits: ConnectionLimits,
  now: number,
): "slow" | "stuck" | undefined {
  if (runningSince === NEVER) return undefined;
  if (hinderingSince !== NEVER && now - Math.max(runningSince, hinderingSince) >= limits.callbackTimeoutMs) {
    return "stuck";
  }
  return now - runningSince >= limits.slowCallbackMs ? "slow" : undefined;
}
