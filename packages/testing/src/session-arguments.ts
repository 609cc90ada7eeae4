import {
  BinaryMessage,
  CloseStatus,
  PingMessage,
  PongMessage,
  TextMessage,
  type Principal,
  type Sendable,
  type WebSocketMessage,
} from "@vernal/websocket";
import { fitsCloseFrame } from "./close-frame";
import { invalidTestArgument } from "./errors";
import { invalidCall } from "./session-errors";

// What a real session checks of what it is given, for one that only stands for it.

const KINDS: ReadonlySet<unknown> = new Set(["text", "binary", "ping", "pong"]);
const BYTES_MESSAGES = { binary: BinaryMessage, ping: PingMessage, pong: PongMessage } as const;
const { NO_CLOSE_FRAME, NO_STATUS_CODE } = CloseStatus;

/**
 * A string as text, bytes as binary; throws for what is no message. Bytes are copied: what was sent is remembered, also
 * where their owner uses them again.
 */
export function messageOf(message: Sendable): WebSocketMessage {
  if (typeof message === "string") return new TextMessage(message);
  if (message instanceof Uint8Array) return new BinaryMessage(Buffer.from(message));
  // By what it has: a test may load the package in another copy than the handler.
  const candidate = (message ?? {}) as Partial<WebSocketMessage>;
  const isMessage = KINDS.has(candidate.kind) && typeof candidate.asBytes === "function";
  const bytes: unknown = isMessage ? message.asBytes() : undefined;
  if (bytes instanceof Uint8Array) return copyOf(message, bytes);
  throw invalidCall("session.sendMessage", message, "a message, a string or bytes");
}

function copyOf(message: WebSocketMessage, bytes: Uint8Array): WebSocketMessage {
  return message.kind === "text" ? message : new BYTES_MESSAGES[message.kind](Buffer.from(bytes));
}

/** What leaves for it: a status that no frame can carry as a close frame without a code. */
export function sendableOf(status: CloseStatus): CloseStatus {
  return (status as CloseStatus | null)?.isSendable === true ? status : NO_STATUS_CODE;
}

export function addressOf(uri: string | URL): URL {
  try {
    return new URL(uri);
  } catch {
    throw invalidTestArgument(
      "new RecordingSession",
      uri,
      'a whole address for uri, such as "ws://localhost/ws"',
    );
  }
}

export function checkGroup(group: unknown): void {
  if (typeof group !== "string" || group === "") {
    throw invalidCall("session.join", group, "the name of a group");
  }
}

/** Until when `principal` holds. */
export function expiryOf(
  principal: Principal | undefined,
  options: { readonly expiresAt?: Date } | undefined,
): Date | undefined {
  if (principal !== undefined && !isPrincipal(principal)) {
    throw invalidCall("session.authenticate", principal, "an object with a name, or undefined");
  }
  const expiresAt = options?.expiresAt ?? principal?.expiresAt;
  if (expiresAt !== undefined && (principal === undefined || !isMoment(expiresAt))) {
    throw invalidCall(
      "session.authenticate",
      expiresAt,
      "a valid Date for expiresAt, and a principal that it is for",
    );
  }
  return expiresAt;
}

/** How a session ends that its peer closes or the network cuts; throws for what neither can do. */
export function endOf(status: CloseStatus | undefined, by: "peer" | "network"): CloseStatus {
  if (by === "network") {
    if (status === undefined || status?.code === NO_CLOSE_FRAME.code) return NO_CLOSE_FRAME;
    throw invalidTestArgument(
      "session.end",
      status,
      'no status where the end is by "network": nothing comes then, and it is always 1006',
    );
  }
  if (by !== "peer") {
    throw invalidTestArgument("session.end", by, '"peer" or "network"; this side ends it with close()');
  }
  if (status === undefined) return CloseStatus.NORMAL;
  if (canArrive(status)) return status;
  throw invalidTestArgument(
    "session.end",
    status,
    "a status that a peer can send: 1000 to 1003, 1007 to 1014 or 3000 to 4999 with up to 123 bytes of reason, " +
      "or CloseStatus.NO_STATUS_CODE for a close frame without a code",
  );
}

function canArrive(status: CloseStatus | null): boolean {
  return status?.code === NO_STATUS_CODE.code ? status.reason === "" : fitsCloseFrame(status);
}

function isPrincipal(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, expiresAt } = value as Readonly<Record<string, unknown>>;
  return typeof name === "string" && name !== "" && (expiresAt === undefined || isMoment(expiresAt));
}

function isMoment(value: unknown): boolean {
  const isDate = Object.prototype.toString.call(value) === "[object Date]";
  return isDate && !Number.isNaN((value as Date).getTime());
}
