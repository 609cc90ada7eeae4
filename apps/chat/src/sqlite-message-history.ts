import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { Component } from "@vernal/websocket";
import { MessageHistory, type HistoryPage, type KeptMessage, type NewMessage } from "./message-history";

export const KEPT_PER_ROOM = 1000;
export const KEPT_ROOMS = 500;
export const SHOWN_ON_ENTERING = 50;
const MAX_PAGE_MESSAGES = 50;
/** A character takes at most 6 bytes in JSON, so that a page stays below the 64 KiB that most clients accept. */
const MAX_PAGE_CHARACTERS = 5000;

const DEFAULT_FILE = join(__dirname, "../data/chat.db");
const IN_MEMORY = ":memory:";

// FULL: what has been accepted survives a power cut too, at the price of one sync of the disk per message.
const SETTINGS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";

// `turn` says which room was the last to hear something: the highest.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS room (
    name TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    turn INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS room_by_turn ON room (turn);
  CREATE TABLE IF NOT EXISTS message (
    room TEXT NOT NULL REFERENCES room (name) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    "from" TEXT NOT NULL,
    text TEXT NOT NULL,
    time TEXT NOT NULL,
    PRIMARY KEY (room, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS message_by_request ON message (room, client_id, request_id);
`;

const MESSAGE = `id, room, client_id AS clientId, request_id AS requestId, "from", text, time`;

/** The ids of a room: of its first message, of the newest one, and of the oldest that is still kept. */
interface Range {
  readonly first: number;
  readonly last: number;
  readonly oldest: number;
}

/**
 * The history in a SQLite file, `CHAT_DATABASE`: the last messages of each room. When there are too many rooms, the one
 * silent for longest is forgotten.
 *
 * The database answers without waiting, so that nothing comes between finding out that a message is new, keeping it and
 * telling the others: everybody hears a room in the order of its ids.
 */
@Component()
export class SqliteMessageHistory extends MessageHistory {
  #database: Database | undefined;

  start(): void {
    this.open(process.env["CHAT_DATABASE"] ?? DEFAULT_FILE);
  }

  open(file: string): void {
    try {
      if (file !== IN_MEMORY) mkdirSync(dirname(file), { recursive: true });
      this.#database = openDatabase(file);
    } catch (error) {
      // SQLite does not say which file it means.
      throw new Error(`The history ${file} cannot be opened: ${String(error)}`, { cause: error });
    }
  }

  dispose(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  override add(message: NewMessage): { message: KeptMessage; isNew: boolean } {
    const { transaction, findRequest } = this.#opened;
    return transaction(() => {
      const { room, clientId, requestId } = message;
      const kept = findRequest.get(room, clientId, requestId) as KeptMessage | undefined;
      return kept === undefined
        ? { message: this.#insert(message), isNew: true }
        : { message: kept, isNew: false };
    });
  }

  override latest(room: string): HistoryPage {
    const range = this.#range(room);
    if (range === undefined) return { messages: [], more: false, gap: false };
    return this.#page(room, Math.max(range.last - SHOWN_ON_ENTERING, range.oldest - 1), false);
  }

  override after(room: string, id: number): HistoryPage {
    const range = this.#range(room);
    // From before the room was forgotten, or the file was lost: nobody knows what came after it.
    if (id > (range?.last ?? 0)) return { ...this.latest(room), gap: true };
    if (range === undefined) return { messages: [], more: false, gap: false };
    // Ids have no holes, so the next one is either kept or forgotten.
    const next = id === 0 ? range.first : id + 1;
    return this.#page(room, id, next < range.oldest);
  }

  #insert({ room, from, text, clientId, requestId }: NewMessage): KeptMessage {
    const { nextId, insert, forgetMessages, forgetRooms } = this.#opened;
    const now = new Date();
    const { id } = nextId.get({ room, now: now.getTime() }) as { id: number };
    const time = now.toISOString();
    insert.run(room, id, clientId, requestId, from, text, time);
    forgetMessages.run(room, id - KEPT_PER_ROOM);
    forgetRooms.run(KEPT_ROOMS);
    return { id, room, from, text, clientId, requestId, time };
  }

  #range(room: string): Range | undefined {
    return this.#opened.range.get(room) as Range | undefined;
  }

  #page(room: string, after: number, gap: boolean): HistoryPage {
    const messages: KeptMessage[] = [];
    let characters = 0;
    const rows = this.#opened.after.all(room, after, MAX_PAGE_MESSAGES + 1) as KeptMessage[];
    for (const message of rows) {
      characters += message.text.length;
      const full = messages.length === MAX_PAGE_MESSAGES || characters > MAX_PAGE_CHARACTERS;
      if (full && messages.length > 0) return { messages, more: true, gap };
      messages.push(message);
    }
    return { messages, more: false, gap };
  }

  get #opened(): Database {
    if (this.#database === undefined) throw new Error("The history is not open.");
    return this.#database;
  }
}

type Database = ReturnType<typeof openDatabase>;

function openDatabase(file: string) {
  // Waits for a process that is still ending and has the file.
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec(SETTINGS);
  database.exec(SCHEMA);
  return {
    findRequest: database.prepare(
      `SELECT ${MESSAGE} FROM message WHERE room = ? AND client_id = ? AND request_id = ?`,
    ),
    // A room begins to count at the time of its first message, and not at 1: when it has been forgotten, or the file
    // lost, no id comes again that a tab has seen before.
    nextId: database.prepare(`
      INSERT INTO room (name, first, last, turn)
      VALUES (:room, :now, :now, (SELECT coalesce(max(turn), 0) + 1 FROM room))
      ON CONFLICT (name) DO UPDATE SET last = last + 1, turn = excluded.turn
      RETURNING last AS id`),
    insert: database.prepare(
      `INSERT INTO message (room, id, client_id, request_id, "from", text, time) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    forgetMessages: database.prepare("DELETE FROM message WHERE room = ? AND id <= ?"),
    forgetRooms: database.prepare(
      "DELETE FROM room WHERE turn <= (SELECT turn FROM room ORDER BY turn DESC LIMIT 1 OFFSET ?)",
    ),
    range: database.prepare(
      "SELECT first, last, (SELECT min(id) FROM message WHERE room = name) AS oldest FROM room WHERE name = ?",
    ),
    after: database.prepare(`SELECT ${MESSAGE} FROM message WHERE room = ? AND id > ? ORDER BY id LIMIT ?`),

    /** What fails within leaves nothing behind. */
    transaction: <T>(work: () => T): T => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },

    close: (): void => {
      // Everything into the one file, which can be copied now. Closing alone does it only after the statements are gone.
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      database.close();
    },
  };
}
