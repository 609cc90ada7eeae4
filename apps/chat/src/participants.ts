import { Component } from "@vernal/websocket";

export interface Participant {
  readonly room: string;
  readonly nickname: string;
  /** The tab. */
  readonly clientId: string;
}

/** Who is in which room. A session is one participant, and a nickname is held by one of them at a time. */
@Component()
export class Participants {
  readonly #bySession = new Map<string, Participant>();
  /** The nicknames of each room, by what makes them look the same. */
  readonly #byRoom = new Map<string, Map<string, string>>();

  /** Lets a session in; false where somebody of the room has the nickname. */
  enter(sessionId: string, participant: Participant): boolean {
    const { room, nickname } = participant;
    const nicknames = this.#byRoom.get(room) ?? new Map<string, string>();
    const key = looksOf(nickname);
    if (nicknames.has(key)) return false;
    nicknames.set(key, nickname);
    this.#byRoom.set(room, nicknames);
    this.#bySession.set(sessionId, participant);
    return true;
  }

  /** Lets a session go; `undefined` where it had not entered. */
  leave(sessionId: string): Participant | undefined {
    const participant = this.#bySession.get(sessionId);
    if (participant === undefined) return undefined;
    this.#bySession.delete(sessionId);
    const nicknames = this.#byRoom.get(participant.room);
    nicknames?.delete(looksOf(participant.nickname));
    if (nicknames?.size === 0) this.#byRoom.delete(participant.room);
    return participant;
  }

  of(sessionId: string): Participant | undefined {
    return this.#bySession.get(sessionId);
  }

  /** The nicknames of a room in the order of entering. */
  in(room: string): string[] {
    return [...(this.#byRoom.get(room)?.values() ?? [])];
  }
}

/** Without case, width and invisible characters: nobody shall pass for somebody else that easily. */
function looksOf(nickname: string): string {
  return nickname
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase();
}
