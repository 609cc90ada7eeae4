import { Component } from "@vernal/websocket";
import type { ChatMessage } from "./protocol";

const MAX_MESSAGES = 50;
const MAX_ROOMS = 500;

interface Entry {
  readonly message: ChatMessage;
  readonly requestId: string;
}

/** The last messages of each room, in memory. When there are too many rooms, the one silent for longest is forgotten. */
@Component()
export class RoomHistory {
  /** In the order in which the rooms last heard something. */
  readonly #rooms = new Map<string, Entry[]>();

  add(room: string, message: ChatMessage, requestId: string): void {
    const entries = this.#rooms.get(room) ?? [];
    entries.push({ message, requestId });
    if (entries.length > MAX_MESSAGES) entries.shift();
    this.#rooms.delete(room);
    this.#rooms.set(room, entries);
    if (this.#rooms.size > MAX_ROOMS) this.#forgetOldestRoom();
  }

  /** Oldest first. */
  of(room: string): ChatMessage[] {
    return (this.#rooms.get(room) ?? []).map(({ message }) => message);
  }

  /** The message that this request of this sender has already become. */
  find(room: string, from: string, requestId: string): ChatMessage | undefined {
    return this.#rooms
      .get(room)
      ?.find((entry) => entry.requestId === requestId && entry.message.from === from)?.message;
  }

  #forgetOldestRoom(): void {
    const [oldest] = this.#rooms.keys();
    if (oldest !== undefined) this.#rooms.delete(oldest);
  }
}
