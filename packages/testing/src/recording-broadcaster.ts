import {
  CloseStatus,
  WebSocketBroadcaster,
  type Broadcast,
  type ReceiveOnlyCloseCode,
  type Sendable,
  type WebSocketMessage,
  type WebSocketSession,
} from "@vernal/websocket";
import type { RecordingSession } from "./recording-session";
import { messageOf } from "./session-arguments";

/** Whom a broadcast was for. */
export type RecordedTarget =
  { readonly kind: "all" } | { readonly kind: "path" | "user" | "group"; readonly name: string };

/** A `send` or a `close` of a broadcast. */
export interface RecordedBroadcast {
  /** Whom it was for. */
  readonly target: RecordedTarget;
  /** The ids of the sessions that were left out. */
  readonly except: readonly string[];
  /** What was sent; `undefined` for a `close`. */
  readonly message: WebSocketMessage | undefined;
  /** With what the sessions were closed; `undefined` for a `send`. */
  readonly status: CloseStatus | undefined;
  /** To how many sessions it went. */
  readonly count: number;
}

/**
 * A broadcaster without an application, for a handler that is injected with one. It reaches the recording sessions that it
 * was given, and remembers what it was told, also where nobody heard it:
 *
 * ```ts
 * const [ada, bob] = [new RecordingSession(), new RecordingSession()];
 * const handler = new LobbyHandler(new RecordingBroadcaster(ada, bob));
 * await handler.handleTextMessage(ada, new TextMessage("hello"));
 * expect(bob.texts).toEqual(["hello"]);
 * ```
 *
 * A session is reached as in an application: while it is open, by the groups that it has joined and by `principal.name`.
 * `toPath` compares with the path of the session's `uri`. There is no relay. For order and limits take
 * `startInMemoryApplication`.
 */
export class RecordingBroadcaster extends WebSocketBroadcaster {
  readonly #sessions: Set<RecordingSession<object>>;
  readonly #broadcasts: RecordedBroadcast[] = [];

  /** @param sessions who is there from the beginning; `add` brings more. */
  constructor(...sessions: readonly RecordingSession<object>[]) {
    super();
    this.#sessions = new Set(sessions);
  }

  /** Every `send` and `close`, oldest first. */
  get broadcasts(): readonly RecordedBroadcast[] {
    return this.#broadcasts;
  }

  /** From now on broadcasts reach this session, too. */
  add(session: RecordingSession<object>): void {
    this.#sessions.add(session);
  }

  toAll(): Broadcast {
    return this.#to({ kind: "all" }, () => true);
  }

  toPath(path: string): Broadcast {
    const pattern = patternOf(path);
    return this.#to({ kind: "path", name: path }, ({ uri }) => pattern.test(uri.pathname));
  }

  toUser(name: string): Broadcast {
    return this.#to({ kind: "user", name }, ({ principal }) => principal?.name === name);
  }

  toGroup(group: string): Broadcast {
    return this.#to({ kind: "group", name: group }, ({ groups }) => groups.has(group));
  }

  #to(target: RecordedTarget, reaches: (session: RecordingSession<object>) => boolean): Broadcast {
    const recipients = (except: ReadonlySet<string>): RecordingSession<object>[] =>
      [...this.#sessions].filter((each) => each.isOpen && !except.has(each.id) && reaches(each));
    return new RecordingBroadcast(recipients, new Set(), (broadcast) => {
      this.#broadcasts.push({ target, ...broadcast });
    });
  }
}

class RecordingBroadcast implements Broadcast {
  readonly #recipients: (except: ReadonlySet<string>) => RecordingSession<object>[];
  readonly #except: ReadonlySet<string>;
  readonly #record: (broadcast: Omit<RecordedBroadcast, "target">) => void;

  constructor(
    recipients: (except: ReadonlySet<string>) => RecordingSession<object>[],
    except: ReadonlySet<string>,
    record: (broadcast: Omit<RecordedBroadcast, "target">) => void,
  ) {
    this.#recipients = recipients;
    this.#except = except;
    this.#record = record;
  }

  except(...sessions: readonly (WebSocketSession<object> | string)[]): Broadcast {
    const ids = sessions.map((session) => (typeof session === "string" ? session : session.id));
    return new RecordingBroadcast(this.#recipients, new Set([...this.#except, ...ids]), this.#record);
  }

  send(sendable: Sendable): number {
    const message = messageOf(sendable);
    const sessions = this.#recipients(this.#except);
    for (const session of sessions) void session.sendMessage(message);
    return this.#keep({ message, status: undefined, count: sessions.length });
  }

  close<S extends CloseStatus>(status?: S["code"] extends ReceiveOnlyCloseCode ? never : S): number {
    const sessions = this.#recipients(this.#except);
    for (const session of sessions) session.close(status);
    const closedWith: CloseStatus = status ?? CloseStatus.NORMAL;
    return this.#keep({ message: undefined, status: closedWith, count: sessions.length });
  }

  #keep(broadcast: Omit<RecordedBroadcast, "target" | "except">): number {
    this.#record({ ...broadcast, except: [...this.#except] });
    return broadcast.count;
  }
}

/** What a path as it is registered matches. */
function patternOf(path: string): RegExp {
  const segments = path.replace(/^\/?/, "/").split("/");
  const sources = segments.map((segment) => {
    if (segment === "**") return ".*";
    if (/^\{\w+\}$/.test(segment)) return "[^/]+";
    return segment.split("*").map(literally).join("[^/]*");
  });
  return new RegExp(`^${sources.join("/")}$`);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
