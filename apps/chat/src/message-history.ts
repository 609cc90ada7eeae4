/** What somebody said, before the history has given it an id. */
export interface NewMessage {
  readonly room: string;
  readonly from: string;
  readonly text: string;
  /** The tab that said it. A nickname would not do: it can change hands. */
  readonly clientId: string;
  /** How the tab calls it. */
  readonly requestId: string;
}

/** What the history keeps of a message. */
export interface KeptMessage extends NewMessage {
  /** Counts up by one within the room. */
  readonly id: number;
  /** ISO 8601. */
  readonly time: string;
}

export interface HistoryPage {
  /** Oldest first. */
  readonly messages: readonly KeptMessage[];
  /** Whether there is more after the last of them; then there is at least one. */
  readonly more: boolean;
  /** Whether messages before the first of them, which were asked for, are no longer kept. */
  readonly gap: boolean;
}

/**
 * What was said in the rooms. An abstract class and not an interface, because the container finds things by what is
 * there at run time.
 */
export abstract class MessageHistory {
  /**
   * Keeps a message. One that this tab has said before under the same `requestId` is given back as it was kept then,
   * and `isNew` is false.
   */
  abstract add(message: NewMessage): { readonly message: KeptMessage; readonly isNew: boolean };

  /** Where somebody starts who enters a room: the first page of the latest messages. */
  abstract latest(room: string): HistoryPage;

  /** The first page of what came after a message; after 0, of everything. */
  abstract after(room: string, id: number): HistoryPage;
}
