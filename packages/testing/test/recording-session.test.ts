import {
  CloseStatus,
  TextWebSocketHandler,
  type Principal,
  type Sendable,
  type WebSocketSession,
} from "@vernal/websocket";
import { RecordingSession, startInMemoryApplication, type TestApplication } from "@vernal/testing";

/** A session, and what its peer does. */
interface Stage {
  readonly session: WebSocketSession;
  readonly peer: {
    /** Sends a close frame; without a status an empty one. */
    readonly close: (status?: CloseStatus) => void;
    readonly cut: () => void;
    readonly stopReading: () => void;
    readonly readAgain: () => void;
  };
}

const MORE_THAN_ONE_WRITE = Buffer.alloc(1024 * 1024);
const OURS = new CloseStatus(4001, "enough");
const THEIRS = new CloseStatus(4002, "done");

function recording(): Stage {
  const session = new RecordingSession();
  let release = (): void => {};
  return {
    session,
    peer: {
      close: (status = CloseStatus.NO_STATUS_CODE) => session.end(status),
      cut: () => session.end(undefined, "network"),
      stopReading: () => (release = session.holdSends()),
      readAgain: () => release(),
    },
  };
}

async function real(application: TestApplication): Promise<Stage> {
  const client = await application.connect("/ws");
  return {
    session: application.sessionOf(client),
    peer: {
      close: (status) => client.sendFrame({ opcode: 8, payload: closePayload(status) }),
      cut: () => client.reset(),
      stopReading: () => client.pause(),
      readAgain: () => client.resume(),
    },
  };
}

function closePayload(status: CloseStatus | undefined): Buffer {
  if (status === undefined) return Buffer.alloc(0);
  const payload = Buffer.from(`--${status.reason}`);
  payload.writeUInt16BE(status.code);
  return payload;
}

/** Two messages, of which the second has to wait for the first. */
function sendMuch({ session }: Stage): Promise<readonly boolean[]> {
  return Promise.all([session.sendMessage(MORE_THAN_ONE_WRITE), session.sendMessage(MORE_THAN_ONE_WRITE)]);
}

async function endOf({ session }: Stage): Promise<readonly unknown[]> {
  const status = await session.closed;
  return [String(status), session.closedBy, session.isOpen, session.signal.aborted, session.bufferedAmount];
}

const SCRIPTS: Readonly<Record<string, (stage: Stage) => unknown>> = {
  "this side closes": async (stage) => {
    const { session } = stage;
    const sent = session.sendMessage("before");
    session.close(OURS);
    session.close(THEIRS);
    const meanwhile = [session.isOpen, session.signal.aborted, session.closedBy];
    return [meanwhile, await sent, await session.sendMessage("late"), await endOf(stage)];
  },
  "this side closes with what cannot be sent": async (stage) => {
    stage.session.close(CloseStatus.NO_CLOSE_FRAME as never);
    return await endOf(stage);
  },
  "this side closes with null": async (stage) => {
    stage.session.close(null as never);
    return await endOf(stage);
  },
  "the peer closes": async (stage) => {
    stage.peer.close(THEIRS);
    return await endOf(stage);
  },
  "the peer closes without a code": async (stage) => {
    stage.peer.close();
    return await endOf(stage);
  },
  "the connection is cut": async (stage) => {
    stage.peer.cut();
    return await endOf(stage);
  },
  "the peer closes what this side has closed": async (stage) => {
    stage.session.close(OURS);
    stage.peer.close(THEIRS);
    return await endOf(stage);
  },
  "the connection is cut that this side has closed": async (stage) => {
    stage.session.close(OURS);
    stage.peer.cut();
    return await endOf(stage);
  },
  "this side closes behind what waits, and the peer reads on": async (stage) => {
    stage.peer.stopReading();
    const sent = sendMuch(stage);
    stage.session.close(OURS);
    const meanwhile = [stage.session.isOpen, await stage.session.sendMessage("late")];
    stage.peer.readAgain();
    return [meanwhile, await sent, await endOf(stage)];
  },
  "this side closes behind what waits, and the connection is cut": async (stage) => {
    stage.peer.stopReading();
    const sent = sendMuch(stage);
    stage.session.close(OURS);
    stage.peer.cut();
    return [await sent, await endOf(stage)];
  },
  "this side closes behind what waits, and the peer closes first": async (stage) => {
    stage.peer.stopReading();
    const sent = sendMuch(stage);
    stage.session.close(OURS);
    stage.peer.close(THEIRS);
    return [await sent, await endOf(stage)];
  },
  "the peer closes while something waits": async (stage) => {
    stage.peer.stopReading();
    const sent = sendMuch(stage);
    stage.peer.close(THEIRS);
    return [await sent, await endOf(stage)];
  },
  "what settles when, at a close": async ({ session }) => {
    const order: string[] = [];
    const note = (what: string) => (): void => void order.push(what);
    session.signal.addEventListener("abort", note("aborted"));
    void session.closed.then(note("closed"));
    void session.sendMessage("before").then(note("sent"));
    session.close();
    void session.sendMessage("late").then(note("not sent"));
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    note("the handler's turn is over")();
    await session.closed;
    return order;
  },
  "groups on the way to the end": async ({ session, peer }) => {
    session.join("a");
    session.close();
    session.join("b");
    peer.cut();
    await session.closed;
    session.join("c");
    session.leave("a");
    return [...session.groups];
  },
  "a principal on the way to the end": async ({ session, peer }) => {
    session.close();
    session.authenticate({ name: "ada" });
    peer.cut();
    await session.closed;
    session.authenticate({ name: "grace" });
    return [session.principal, session.expiresAt];
  },
  "wrong arguments": ({ session }) => {
    const authenticate = (principal: unknown, options?: unknown) => (): void =>
      session.authenticate(principal as Principal, options as never);
    const send = (message: unknown) => (): void => void session.sendMessage(message as Sendable);
    const [withoutPrototype, invalid] = [Object.create(null) as unknown, new Date(NaN)];
    const calls: (() => void)[] = [
      authenticate(null),
      authenticate("ada"),
      authenticate(() => {}),
      authenticate({}),
      authenticate(withoutPrototype),
      authenticate({ name: "" }),
      authenticate({ name: "ada" }, null),
      authenticate({ name: "ada" }, { expiresAt: null }),
      authenticate({ name: "ada" }, { expiresAt: "tomorrow" }),
      authenticate({ name: "ada" }, { expiresAt: invalid }),
      authenticate({ name: "ada", expiresAt: "tomorrow" }),
      authenticate({ name: "ada", expiresAt: invalid }),
      authenticate(undefined, { expiresAt: new Date(1e15) }),
      authenticate(undefined, null),
      send(null),
      send(undefined),
      send(42),
      send(withoutPrototype),
      send({ kind: "text" }),
      send({ kind: "text", asBytes: "text" }),
      send({ kind: "text", asBytes: () => "text" }),
      send({ kind: "other", asBytes: () => Buffer.of(1) }),
      send(new ArrayBuffer(1)),
      () => session.join(""),
      () => session.join(null as never),
      () => session.leave(null as never),
    ];
    return calls.map((call) => {
      try {
        call();
        return "taken";
      } catch (error) {
        return (error as { readonly code?: string }).code ?? error;
      }
    });
  },
};

class Idle extends TextWebSocketHandler {}

describe("a recording session does what a real one does, when", () => {
  let application: TestApplication;
  beforeAll(async () => (application = await startInMemoryApplication({ handlers: { "/ws": new Idle() } })));
  afterAll(() => application.close());

  it.each(Object.entries(SCRIPTS))("%s", async (_name, script) => {
    expect(await script(recording())).toEqual(await script(await real(application)));
  });
});
