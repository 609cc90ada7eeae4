/** How a connection, or an attempt at one, came to its end. */
export type Ending =
  | { readonly kind: "closed"; readonly code: number; readonly wasStable: boolean }
  | { readonly kind: "refused"; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: "unreachable" }
  /** What was asked for can never be had, such as a connection of a client that has been closed. */
  | { readonly kind: "impossible" };

export interface Backoff {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxAttempts: number;
}

export interface NextAttempt {
  readonly delayMs: number;
  /** Attempts in a row that gave no stable connection. */
  readonly failures: number;
}

/** Codes with which a server says that it will be back, and that nothing is wrong with the client. */
const SOON: ReadonlySet<number> = new Set([1001, 1012]);
/** Codes that a second connection would meet again, and 1000: all was said. */
const FINAL: ReadonlySet<number> = new Set([1000, 1002, 1003, 1007, 1008, 1009, 1010]);
/** The statuses from 400 to 499 that speak of a moment and not of the request (RFC 9110 section 15.5). */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Whether to try again would be in vain, as far as the ending alone can tell. */
export function isFinal(ending: Ending): boolean {
  switch (ending.kind) {
    case "closed":
      // From 3000 on the application has spoken, and it may have meant never.
      return FINAL.has(ending.code) || (ending.code >= 3000 && ending.code <= 4999);
    case "refused":
      return ending.status >= 400 && ending.status < 500 && !PASSING.has(ending.status);
    case "unreachable":
      return false;
    case "impossible":
      return true;
  }
}

/**
 * When to try again: exponential backoff with full jitter, so that the clients of one server do not come back at one
 * moment.
 *
 * @param failures those before this ending.
 * @param random from 0 to 1, without 1.
 * @param now in milliseconds since 1970, against which a date in Retry-After is held.
 */
export function nextAttempt(
  ending: Ending,
  failures: number,
  backoff: Backoff,
  random: number,
  now: number,
): NextAttempt | "stop" {
  // Only a connection that held proves the way free: one that is dropped at once must not start the count anew.
  const wasStable = ending.kind === "closed" && ending.wasStable;
  const count = wasStable ? 0 : failures + 1;
  if (ending.kind === "impossible" || count >= backoff.maxAttempts) return "stop";

  const isSoon = ending.kind === "closed" && SOON.has(ending.code);
  const doublings = isSoon ? Math.max(0, count - 1) : Math.max(1, count);
  const ceiling = Math.min(backoff.maxDelayMs, backoff.initialDelayMs * 2 ** doublings);
  const asked = ending.kind === "refused" ? retryAfterMs(ending.retryAfter, now) : 0;
  // On top, because many may have been told the same.
  const delayMs = Math.min(asked, backoff.maxDelayMs) + Math.floor(random * ceiling);
  return { delayMs, failures: count };
}

/** What a server asks to wait: a number of seconds or a date (RFC 9110 section 10.2.3); 0 for anything else. */
function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // Date.parse would take many other texts for dates.
  if (!/^[A-Z][a-z]+,? /.test(value)) return 0;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? 0 : Math.max(0, moment - now);
}
