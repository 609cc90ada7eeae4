import { randomUUID } from "node:crypto";
import type { BroadcastAction, BroadcastEnvelope, BroadcastRelay, BroadcastTarget } from "@vernal/websocket";
import { Arrivals } from "./arrivals";
import { broadcastsArriveOnce, closesArrive } from "./broadcast-relay-applications";
import type { ContractCase } from "./contract";
import { contractBroken } from "./errors";
import { DEFAULT_TIMEOUT_MS } from "./wait-options";

/** What `broadcastRelayContract` is to look at. */
export interface BroadcastRelaySubject {
  /**
   * Makes the relay of one application more, not started; a promise is awaited. All that are made in one case have to reach
   * each other, as on one broker.
   */
  readonly create: () => BroadcastRelay | Promise<BroadcastRelay>;
  /** Gives one back, after its application has closed. Default: its own `dispose()`, if it has one. */
  readonly dispose?: (relay: BroadcastRelay) => void | Promise<void>;
  /** How long an envelope may take. Milliseconds, default 2000. */
  readonly timeoutMs?: number;
}

/** A relay that has been started, and what it has delivered. */
interface Started {
  readonly delivered: readonly BroadcastEnvelope[];
  /** The next envelope that was delivered. */
  readonly next: () => Promise<BroadcastEnvelope>;
  readonly publish: (envelope: BroadcastEnvelope) => Promise<void>;
  readonly dispose: () => Promise<void>;
}

/** What one case works with. */
interface Bench {
  /** Makes and starts one relay more. */
  readonly start: () => Promise<Started>;
  /** Makes one that an application starts. */
  readonly create: () => Promise<BroadcastRelay>;
  /** An envelope of this case: from the node of it that has this name. */
  readonly envelope: (parts: Partial<BroadcastEnvelope>, node?: string) => BroadcastEnvelope;
  /** One that sends a text to all. */
  readonly text: (text: string, node?: string) => BroadcastEnvelope;
  readonly timeoutMs: number;
  readonly fail: (found: string, cause?: unknown) => Error;
}

const CONTRACT = "BroadcastRelay";
const MESSAGES_IN_ORDER = 200;
const LARGE_BYTES = 256 * 1024;

const TARGETS: readonly BroadcastTarget[] = [
  { kind: "all" },
  { kind: "path", name: "/ws/rooms/{room}" },
  { kind: "user", name: "ada@example.com" },
  { kind: "group", name: "room:lobby" },
  { kind: "group", name: ' *?>.:{"\n\\}# 방 🙂' },
];

const ACTIONS: readonly BroadcastAction[] = [
  { kind: "send", type: "text", payload: Buffer.from("Grüße, 안녕 🙂 \u0000 end") },
  { kind: "send", type: "text", payload: Buffer.alloc(0) },
  { kind: "send", type: "binary", payload: Uint8Array.from({ length: 256 }, (_, index) => index) },
  { kind: "send", type: "binary", payload: Buffer.alloc(LARGE_BYTES, 0xa5) },
  { kind: "send", type: "ping", payload: Buffer.from("p") },
  { kind: "send", type: "pong", payload: Buffer.of(0xff) },
  { kind: "close", code: 4001, reason: "over 방 🙂" },
  { kind: "close", code: 1000, reason: "" },
];

/**
 * What `BroadcastRelay` asks of those who extend it, as cases for `registerContract` or a loop of your own: every envelope
 * reaches every other application, whole, once and in order.
 *
 * ```ts
 * registerContract("RedisRelay", broadcastRelayContract({ create: () => new RedisRelay(url) }));
 * ```
 */
export function broadcastRelayContract(subject: BroadcastRelaySubject): readonly ContractCase[] {
  const contractCase = (name: string, check: (bench: Bench) => Promise<void>): ContractCase => ({
    name,
    run: () => runCase(subject, name, check),
  });
  return [
    contractCase("carries every target and the excepted sessions as they are", carriesTargets),
    contractCase("carries every action as it is, bytes byte for byte", carriesActions),
    contractCase("keeps the order in which one application publishes", keepsOrder),
    contractCase("reaches every other application once", reachesAll),
    contractCase("leaves the envelope that it is given as it is", leavesEnvelope),
    contractCase("takes an envelope also where nobody else listens", publishesAlone),
    contractCase("delivers nothing after its dispose, and goes on for the others", stopsAtDispose),
    contractCase("carries broadcasts between applications, to each session once", async (bench) => {
      await broadcastsArriveOnce([await bench.create(), await bench.create()], bench.timeoutMs, bench.fail);
    }),
    contractCase("carries closes between applications", async (bench) => {
      await closesArrive([await bench.create(), await bench.create()], bench.timeoutMs, bench.fail);
    }),
  ];
}

async function runCase(
  subject: BroadcastRelaySubject,
  name: string,
  check: (bench: Bench) => Promise<void>,
): Promise<void> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = subject;
  const fail = (found: string, cause?: unknown): Error => contractBroken(CONTRACT, name, found, cause);
  // What other cases left on the broker, and what others publish there, is none of this one.
  const run = randomUUID();
  const envelope: Bench["envelope"] = (parts, node = "one") => ({
    version: 1,
    node: `${run} ${node}`,
    target: { kind: "all" },
    except: [],
    action: textAction("hello"),
    ...parts,
  });
  const disposals = new Map<BroadcastRelay, Promise<void>>();
  const made: BroadcastRelay[] = [];
  const dispose = (relay: BroadcastRelay): Promise<void> => {
    const disposal = disposals.get(relay) ?? disposeOf(subject, relay);
    disposals.set(relay, disposal);
    return disposal;
  };
  const create = async (): Promise<BroadcastRelay> => {
    const relay = await subject.create();
    made.push(relay);
    return relay;
  };
  const start = async (): Promise<Started> => {
    const relay = await create();
    const delivered = new Arrivals<BroadcastEnvelope>();
    await relay.start((each) => {
      if (String(each.node).startsWith(run)) delivered.add(each);
    });
    return {
      delivered: delivered.all,
      next: () =>
        delivered.take(timeoutMs, (_reason, waitedMs) =>
          contractBroken(CONTRACT, name, `within ${waitedMs} ms no envelope more of this node was delivered`),
        ),
      publish: async (each) => {
        try {
          await relay.publish(each);
        } catch (error) {
          throw fail("publish threw", error);
        }
      },
      dispose: () => dispose(relay),
    };
  };
  try {
    await check({
      start,
      create,
      envelope,
      text: (text, node) => envelope({ action: textAction(text) }, node),
      timeoutMs,
      fail,
    });
  } finally {
    for (const relay of made) await dispose(relay);
  }
}

async function disposeOf(subject: BroadcastRelaySubject, relay: BroadcastRelay): Promise<void> {
  if (subject.dispose !== undefined) return await subject.dispose(relay);
  await (relay as { dispose?(): void | Promise<void> }).dispose?.();
}

async function carriesTargets({ start, envelope: make, fail }: Bench): Promise<void> {
  const [from, to] = [await start(), await start()];
  for (const target of TARGETS) {
    for (const except of [[], ["one", "other"]]) {
      const envelope = make({ target, except });
      await from.publish(envelope);
      expectSame(envelope, await to.next(), fail);
    }
  }
}

async function carriesActions({ start, envelope: make, fail }: Bench): Promise<void> {
  const [from, to] = [await start(), await start()];
  for (const action of ACTIONS) {
    const envelope = make({ action });
    await from.publish(envelope);
    expectSame(envelope, await to.next(), fail);
  }
}

async function keepsOrder({ start, text, fail }: Bench): Promise<void> {
  const [from, to] = [await start(), await start()];
  // Not awaited: neither does a broadcaster.
  const published = Promise.all(range(MESSAGES_IN_ORDER).map((index) => from.publish(text(`${index}`))));
  for (const index of range(MESSAGES_IN_ORDER)) {
    const delivered = textOf(await to.next());
    if (delivered !== `${index}`) throw fail(`"${delivered}" was delivered where "${index}" is next`);
  }
  await published;
}

async function reachesAll({ start, text, fail }: Bench): Promise<void> {
  const relays = [await start(), await start(), await start()];
  for (const [index, { publish }] of relays.entries()) await publish(text(`from ${index}`, `${index}`));
  // The last of each, behind which nothing of the first can come any more.
  for (const [index, { publish }] of relays.entries()) await publish(text("last", `${index}`));
  for (const [index, relay] of relays.entries()) {
    const others = range(relays.length).filter((other) => other !== index);
    const seen: string[] = [];
    let lasts = 0;
    while (lasts < others.length) {
      const envelope = await relay.next();
      // Its own, which a relay may deliver and an application ignores.
      if (envelope.node.endsWith(` ${index}`)) continue;
      if (textOf(envelope) === "last") lasts += 1;
      else seen.push(textOf(envelope));
    }
    const expected = others.map((other) => `from ${other}`);
    if (seen.sort().join() !== expected.join()) {
      throw fail(`application ${index} was delivered [${seen.join(", ")}] and not [${expected.join(", ")}]`);
    }
  }
}

async function leavesEnvelope({ start, envelope: make, fail }: Bench): Promise<void> {
  const [from, to] = [await start(), await start()];
  const envelope = make({ target: { kind: "group", name: "a" }, except: ["one"] });
  const before = structuredClone(envelope);
  await from.publish(deepFreeze(envelope));
  await to.next();
  expectSame(before, envelope, fail);
}

async function publishesAlone({ start, text }: Bench): Promise<void> {
  const only = await start();
  await only.publish(text("anybody there?"));
}

async function stopsAtDispose({ start, text, fail }: Bench): Promise<void> {
  const [from, gone, stays] = [await start(), await start(), await start()];
  await from.publish(text("before"));
  await gone.next();
  await stays.next();
  await gone.dispose();
  const before = gone.delivered.length;
  await from.publish(text("after"));
  // Whatever reaches the one that stays has been on its way to the one that is gone for as long.
  await stays.next();
  const late = gone.delivered.slice(before).map(textOf);
  if (late.length > 0) throw fail(`[${late.join(", ")}] was delivered after dispose`);
}

function expectSame(published: BroadcastEnvelope, delivered: BroadcastEnvelope, fail: Bench["fail"]): void {
  const [expected, found] = [plain(published), plain(delivered)];
  if (expected !== found) throw fail(`${expected} was published, and ${found} is there`);
}

/** An envelope in one line, with the fields in one order and bytes as they are. */
function plain({ version, node, target, except, action }: BroadcastEnvelope): string {
  const payload = action.kind === "send" ? shownBytes(action.payload) : undefined;
  const name = target.kind === "all" ? undefined : target.name;
  const { code, reason, type } = action as Partial<Record<string, unknown>>;
  return JSON.stringify([version, node, target.kind, name, except, action.kind, type, payload, code, reason]);
}

function shownBytes(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString("hex") : `no Uint8Array: ${String(bytes)}`;
}

function textOf({ action }: BroadcastEnvelope): string {
  return action.kind === "send" ? Buffer.from(action.payload).toString() : "";
}

function textAction(text: string): BroadcastAction {
  return { kind: "send", type: "text", payload: Buffer.from(text) };
}

/** Bytes cannot be frozen. */
function deepFreeze(envelope: BroadcastEnvelope): BroadcastEnvelope {
  for (const part of [envelope.target, envelope.except, envelope.action]) Object.freeze(part);
  return Object.freeze(envelope);
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
