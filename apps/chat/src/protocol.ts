import { z } from "zod";

// What client and server say to each other: one JSON object per message.

const MAX_NICKNAME = 24;
const MAX_TEXT = 2000;

/** Letters, digits, signs: something to see, and not only joiners and blanks. */
const SOMETHING_VISIBLE = /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{P}\p{S}]/u;
/** Line breaks and control characters, and those that reverse the text around them. */
const UNFIT_FOR_A_NAME = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const ROOM = /^[\p{L}\p{N}_-]{1,40}$/u;

export const roomRule = "A room's name has 1 to 40 letters, digits, - or _.";

export function isRoomName(name: string): boolean {
  return ROOM.test(name);
}

const idOfClient = (name: string) =>
  z
    .string(`${name} must be a string.`)
    .min(1, `${name} is empty.`)
    .max(64, `${name} is longer than 64 characters.`);

const requestId = idOfClient("requestId");
const clientId = idOfClient("clientId");

/** The last message that a tab has seen. */
const since = z
  .int("since must be the id of a message.")
  .nonnegative("since must be the id of a message.")
  .optional();

const nickname = z
  .string("nickname must be a string.")
  .transform((name) => name.normalize("NFC").trim().replace(/\s+/g, " "))
  .refine((name) => SOMETHING_VISIBLE.test(name), "A nickname needs at least one visible character.")
  .refine((name) => !UNFIT_FOR_A_NAME.test(name), "A nickname cannot contain control characters.")
  .refine((name) => [...name].length <= MAX_NICKNAME, `A nickname has at most ${MAX_NICKNAME} characters.`);

const text = z
  .string("text must be a string.")
  .max(MAX_TEXT, `A message has at most ${MAX_TEXT} characters.`)
  .refine((value) => SOMETHING_VISIBLE.test(value), "The message is empty.");

const clientMessage = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("join"), requestId, clientId, nickname, since }),
    z.object({ type: z.literal("message"), requestId, text }),
    z.object({ type: z.literal("typing"), requestId }),
  ],
  "A message is an object whose type is join, message or typing.",
);

/**
 * What a client says. It makes up the `requestId`, and never uses one twice: a message that comes again under the same
 * one, because its answer was lost, is not published again. The `clientId` is the same for as long as the client keeps
 * what it has not got an answer for; both are hard to guess, and the others never see them.
 *
 * In `join`, `since` is the last message that the client has seen, and 0 if the room was empty; without it, the client
 * is new.
 */
export type ClientMessage = z.infer<typeof clientMessage>;

/** Something that was said in a room. Times are ISO 8601. */
export interface ChatMessage {
  /** Counts up within the room. */
  readonly id: number;
  readonly from: string;
  readonly text: string;
  readonly time: string;
}

/** Messages of before: the latest ones for who is new, else all that came after `since`. Oldest first. */
interface History {
  readonly requestId: string;
  /** With its `requestId` where the client itself has said it. */
  readonly history: readonly (ChatMessage & { readonly requestId?: string })[];
  /** Whether messages before these, which the client has not seen either, are no longer kept. */
  readonly gap: boolean;
}

export interface ChatError {
  readonly type: "error";
  /** The request that failed; missing where it could not be read. */
  readonly requestId?: string;
  readonly code: "invalid" | "nickname-taken" | "not-joined" | "already-joined";
  /** For people. */
  readonly message: string;
}

export type ServerMessage =
  // What is too much for the welcome comes before it.
  | ({ readonly type: "history" } & History)
  | ({ readonly type: "welcome"; readonly nickname: string; readonly online: readonly string[] } & History)
  | {
      readonly type: "joined" | "left";
      readonly nickname: string;
      readonly time: string;
      readonly online: readonly string[];
    }
  | ({ readonly type: "message" } & ChatMessage)
  | { readonly type: "typing"; readonly nickname: string }
  | { readonly type: "ack"; readonly requestId: string; readonly id: number; readonly time: string }
  | ChatError;

/** Reads what arrived: a message that can be relied on, or the error to answer with. */
export function readClientMessage(payload: string): ClientMessage | ChatError {
  let content: unknown;
  try {
    content = JSON.parse(payload);
  } catch {
    return { type: "error", code: "invalid", message: "This is not JSON." };
  }
  const result = clientMessage.safeParse(content);
  if (result.success) return result.data;
  const id = requestId.safeParse((content as { requestId?: unknown } | null)?.requestId);
  return {
    type: "error",
    ...(id.success && { requestId: id.data }),
    code: "invalid",
    message: result.error.issues.map((issue) => issue.message).join(" "),
  };
}
