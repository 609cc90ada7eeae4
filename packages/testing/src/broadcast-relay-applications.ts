import {
  BroadcastRelay,
  CloseStatus,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  type BroadcastEnvelope,
  type WebSocketSession,
} from "@vernal/websocket";
import type { RelayBench } from "./broadcast-relay-bench";
import { closedOtherwise, deliveredOtherwise, notClosed } from "./contract-errors";
import { startInMemoryApplication } from "./start-in-memory-application";
import type { TestApplication } from "./test-application";
import type { TestClient } from "./test-client";

const GROUP = "vernal-contract";
const LAST = "last";
/** Behind the last one, for what was delivered twice. */
const END = "end";
const STATUS = new CloseStatus(4001, "over");

class Member extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession): void {
    session.join(GROUP);
  }
}

/** The relay of one application, which hears those of its own case alone and which the application does not dispose. */
class BenchRelay extends BroadcastRelay {
  readonly #bench: RelayBench;
  readonly #relay: BroadcastRelay;

  constructor(bench: RelayBench, relay: BroadcastRelay) {
    super();
    this.#bench = bench;
    this.#relay = relay;
  }

  override start(deliver: (envelope: BroadcastEnvelope) => void): Promise<void> {
    return this.#bench.startRelay(this.#relay, (envelope) => {
      if (this.#bench.isOwn(envelope)) deliver(envelope);
    });
  }

  override publish(envelope: BroadcastEnvelope): Promise<void> {
    this.#bench.adopt(envelope.node);
    return this.#bench.publish(this.#relay, envelope);
  }
}

/** Two applications broadcast over these relays: every client gets every message once, but for those excepted. */
export async function broadcastsArriveOnce(bench: RelayBench): Promise<void> {
  await using first = await startApplication(bench);
  await using second = await startApplication(bench);
  const [near, far] = [await first.connect("/ws"), await second.connect("/ws")];
  const broadcaster = first.get(WebSocketBroadcaster);
  broadcaster.toGroup(GROUP).send("to the group");
  broadcaster.toPath("/ws").send("to the path");
  broadcaster.toAll().except(second.sessionOf(far)).send("not to the far one");
  broadcaster.toGroup(`${GROUP} of nobody`).send("to nobody");
  broadcaster.toAll().send(LAST);
  broadcaster.toAll().send(END);
  const forAll = ["to the group", "to the path"];
  await expectAll(bench, near, [...forAll, "not to the far one", LAST, END], "a session where it was sent");
  await expectAll(bench, far, [...forAll, LAST, END], "a session in the other application");
}

/** A broadcast that closes reaches the sessions of the other application, with its status. */
export async function closesArrive(bench: RelayBench): Promise<void> {
  await using first = await startApplication(bench);
  await using second = await startApplication(bench);
  const far = await second.connect("/ws");
  first.get(WebSocketBroadcaster).toGroup(GROUP).close(STATUS);
  const status = await far.closed().catch((error: unknown) => {
    throw bench.failure ?? notClosed(bench.of, bench.timeoutMs, error);
  });
  if (status.toString() !== STATUS.toString()) {
    throw closedOtherwise(bench.of, status.toString(), STATUS.toString());
  }
}

async function startApplication(bench: RelayBench): Promise<TestApplication> {
  const relay = await bench.create();
  return await startInMemoryApplication({
    handlers: { "/ws": new Member() },
    providers: [{ token: BroadcastRelay, useValue: new BenchRelay(bench, relay) }],
    timeoutMs: bench.timeoutMs,
  }).catch((error: unknown) => {
    throw bench.failure ?? error;
  });
}

async function expectAll(
  bench: RelayBench,
  client: TestClient,
  expected: readonly string[],
  who: string,
): Promise<void> {
  const texts: string[] = [];
  while (texts.at(-1) !== END) {
    texts.push(
      await client.nextText().catch((error: unknown) => {
        throw bench.failure ?? deliveredOtherwise(bench.of, who, texts, expected, error);
      }),
    );
  }
  if (texts.join() !== expected.join()) throw deliveredOtherwise(bench.of, who, texts, expected);
}
