import { invalidArgument, invalidCloseCode } from "./errors";

/** The codes that a peer reports or that we observe, and that no close frame may carry (RFC 6455 section 7.4.1). */
export type ReceiveOnlyCloseCode = 1005 | 1006 | 1015;

/** The longest reason in bytes: a control frame holds 125, the code takes two. */
const MAX_REASON_BYTES = 123;
const encoder = new TextEncoder();
const scratch = new Uint8Array(MAX_REASON_BYTES);

/**
 * Why a session ended, or is to end: a code and a short reason (RFC 6455 section 7.4; Spring `CloseStatus`).
 *
 * What may not be sent cannot be built: the constructor throws for a reserved code, and a reason is cut at 123
 * bytes on a character boundary. The three codes that are only ever received exist as constants, which
 * `session.close` refuses at compile time. A status is immutable.
 */
export class CloseStatus {
  /** The purpose was fulfilled (1000). */
  static readonly NORMAL = new CloseStatus(1000);
  /** The server stops, or the page was left (1001). Come back soon. */
  static readonly GOING_AWAY = new CloseStatus(1001);
  /** The peer broke the protocol (1002). */
  static readonly PROTOCOL_ERROR = new CloseStatus(1002);
  /** A kind of message that is not taken, such as binary at a text handler (1003). */
  static readonly NOT_ACCEPTABLE = new CloseStatus(1003);
  /** The peer's close frame carried no code (1005). Received only. */
  static readonly NO_STATUS_CODE = CloseStatus.#receiveOnly(1005);
  /** The connection was lost without a close frame (1006). Received only. */
  static readonly NO_CLOSE_FRAME = CloseStatus.#receiveOnly(1006);
  /** The content does not fit its kind, such as text that is not UTF-8 (1007). */
  static readonly BAD_DATA = new CloseStatus(1007);
  /** A rule of the application was broken (1008). Do not come back unchanged. */
  static readonly POLICY_VIOLATION = new CloseStatus(1008);
  /** The message is larger than `maxMessageBytes` (1009). */
  static readonly TOO_BIG_TO_PROCESS = new CloseStatus(1009);
  /** The client needs an extension that the server did not take (1010). */
  static readonly REQUIRED_EXTENSION = new CloseStatus(1010);
  /** A callback failed (1011). */
  static readonly SERVER_ERROR = new CloseStatus(1011);
  /** The server restarts (1012). Come back soon. */
  static readonly SERVICE_RESTARTED = new CloseStatus(1012);
  /** The server has too much to do (1013). Come back later. */
  static readonly SERVICE_OVERLOAD = new CloseStatus(1013);
  /** The TLS handshake failed (1015). Received only. */
  static readonly TLS_HANDSHAKE_FAILURE = CloseStatus.#receiveOnly(1015);
  /** The peer did not take what was sent to it in time or in size (4500; Spring's own code). */
  static readonly SESSION_NOT_RELIABLE = new CloseStatus(
    4500,
    "Failed to send message within the configured send limit",
  );

  /**
   * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999; 4000 and above are yours to define.
   * @param reason for the peer to read; up to 123 bytes of UTF-8, the rest is cut.
   * @throws VernalError `VERNAL_INVALID_CLOSE_CODE` for any other code, `VERNAL_INVALID_ARGUMENT` for a reason that is
   * no string.
   */
  constructor(
    readonly code: number,
    readonly reason: string = "",
  ) {
    if (!isSendable(code)) throw invalidCloseCode(code);
    if (typeof reason !== "string")
      throw invalidArgument("new CloseStatus", reason, "a string for the reason");
    this.reason = cutReason(reason);
    Object.freeze(this);
  }

  /**
   * The status of a close frame that arrived, with any code that the protocol lets through. The engine calls it, and
   * a test double may; to close a session take `new CloseStatus`.
   */
  static received(code: number, reason = ""): CloseStatus {
    const status = Object.create(this.prototype) as { code: number; reason: string };
    status.code = code;
    status.reason = reason;
    return Object.freeze(status) as CloseStatus;
  }

  // A method of the class, because its constants need it before the name of the class is bound outside.
  static #receiveOnly(code: ReceiveOnlyCloseCode): ReceiveOnlyCloseStatus {
    return this.received(code) as ReceiveOnlyCloseStatus;
  }

  /** Whether a close frame can carry this code. */
  get isSendable(): boolean {
    return isSendable(this.code);
  }

  /** The same code with another reason. */
  withReason(reason: string): CloseStatus {
    return this.isSendable ? new CloseStatus(this.code, reason) : CloseStatus.received(this.code, reason);
  }

  /** Whether `other` has this code; reasons are for people and do not count. */
  equalsCode(other: { readonly code: number }): boolean {
    return this.code === other.code;
  }

  /** Equality is equality by code: the same as `equalsCode`. */
  equals(other: { readonly code: number }): boolean {
    return this.equalsCode(other);
  }

  toString(): string {
    return this.reason === "" ? String(this.code) : `${this.code} ${this.reason}`;
  }
}

/** A status that can be observed and not sent. */
export type ReceiveOnlyCloseStatus = CloseStatus & { readonly code: ReceiveOnlyCloseCode };

/**
 * Thrown in a callback of a handler, closes the session with `status` instead of 1011. It is an answer to the peer
 * and not a fault of the server, so it is logged at debug level. Recognised by its code, not by `instanceof`.
 */
export class CloseSessionError extends Error {
  override readonly name = "CloseSessionError";
  readonly code = "VERNAL_CLOSE_SESSION";

  constructor(
    readonly status: CloseStatus,
    options?: ErrorOptions,
  ) {
    super(`Close the session with ${status.toString()}`, options);
  }
}

function isSendable(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

function cutReason(text: string): string {
  // UTF-8 takes at most three bytes for a UTF-16 unit, so a short text needs no count.
  if (text.length * 3 <= MAX_REASON_BYTES) return text;
  // Writes whole characters only, so it never stops inside one.
  return text.slice(0, encoder.encodeInto(text, scratch).read);
}
