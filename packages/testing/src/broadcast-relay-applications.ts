import {
  BroadcastRelay,
  CloseStatus,
  TextWebSocketHandler,
  WebSocketBroadcaster,
  type WebSocketSession,
} from "@vernal/websocket";
import { startInMemoryApplication } from "./start-in-memory-application";
import type { TestApplication } from "./test-application";
import type { TestClient } from "./test-client";

type Pair = readonly [BroadcastRelay, BroadcastRelay];
type Fail = (found: string) => Error;

const GROUP = "vernal-contract";
const LAST = "last";

class Member extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession): void {
    session.join(GROUP);
  }
}

/** Two applications broadcast over these relays: every client gets every message once, but for those excepted. */
export async function broadcastsArriveOnce(relays: Pair, timeoutMs: number, fail: Fail): Promise<void> {
  await using first = await applicationWith(relays[0], timeoutMs);
  await using second = await applicationWith(relays[1], timeoutMs);
  const [near, far] = [await first.connect("/ws"), await second.connect("/ws")];
  const broadcaster = first.get(WebSocketBroadcaster);
  broadcaster.toGroup(GROUP).send("to the group");
  broadcaster.toPath("/ws").send("to the path");
  broadcaster.toAll().except(second.sessionOf(far)).send("not to the far one");
  broadcaster.toGroup(`${GROUP} of nobody`).send("to nobody");
  broadcaster.toAll().send(LAST);
  await expectAll(
    near,
    ["to the group", "to the path", "not to the far one", LAST],
    "where it was sent",
    fail,
  );
  await expectAll(far, ["to the group", "to the path", LAST], "in the other application", fail);
}

/** A broadcast that closes reaches the sessions of the other application, with its status. */
export async function closesArrive(relays: Pair, timeoutMs: number, fail: Fail): Promise<void> {
  await using first = await applicationWith(relays[0], timeoutMs);
  await using second = await applicationWith(relays[1], timeoutMs);
  const far = await second.connect("/ws");
  first.get(WebSocketBroadcaster).toGroup(GROUP).close(new CloseStatus(4001, "over"));
  const status = await far.closed();
  if (status.toString() !== "4001 over")
    throw fail(`the far session ended with ${status.toString()}, not with 4001 over`);
}

function applicationWith(relay: BroadcastRelay, timeoutMs: number): Promise<TestApplication> {
  return startInMemoryApplication({
    handlers: { "/ws": new Member() },
    providers: [{ token: BroadcastRelay, useValue: relay }],
    timeoutMs,
  });
}

async function expectAll(
  client: TestClient,
  expected: readonly string[],
  where: string,
  fail: Fail,
): Promise<void> {
  const texts: string[] = [];
  while (texts.at(-1) !== LAST) texts.push(await client.nextText());
  // What was delivered twice comes right behind.
  await client.roundTrip();
  texts.push(...client.received.slice(texts.length).map(String));
  if (texts.join() !== expected.join()) {
    throw fail(`a session ${where} got [${texts.join(", ")}] and not [${expected.join(", ")}]`);
  }
}
