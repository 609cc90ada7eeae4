import { CloseStatus } from "@vernal/websocket";

/** The longest reason of a close frame (RFC 6455 section 5.5). */
const MAX_REASON_BYTES = 123;

/** Whether a close frame can carry this code and this reason. */
export function fitsCloseFrame(status: unknown): boolean {
  const { code, reason } = (status ?? {}) as Partial<CloseStatus>;
  if (typeof code !== "number" || typeof reason !== "string") return false;
  return CloseStatus.received(code).isSendable && Buffer.byteLength(reason) <= MAX_REASON_BYTES;
}
