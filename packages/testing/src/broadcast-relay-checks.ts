import { createHash, randomUUID } from "node:crypto";
import type { BroadcastAction, BroadcastEnvelope, BroadcastTarget } from "@vernal/websocket";
import type { RelayBench } from "./broadcast-relay-bench";
import {
  changedOnTheWay,
  deliveredAfterDispose,
  deliveredOtherwise,
  notDisposable,
  outOfOrder,
} from "./contract-errors";

const MESSAGES_IN_ORDER = 200;
const LARGE_BYTES = 256 * 1024;
/** Of longer payloads a finding shows a hash. */
const LONGEST_SHOWN_BYTES = 64;

const TARGETS: readonly BroadcastTarget[] = [
  { kind: "all" },
  { kind: "path", name: "/ws/rooms/{room}" },
  { kind: "user", name: "ada@example.com" },
  { kind: "group", name: "room:lobby" },
  { kind: "group", name: ' *?>.:{"\n\\}# 방 🙂' },
];

/** Anew each time: a relay that writes into the bytes that it is given is for one case alone to find. */
function actions(): readonly BroadcastAction[] {
  return [
    { kind: "send", type: "text", payload: Buffer.from("Grüße, 안녕 🙂 \u0000 end") },
    { kind: "send", type: "text", payload: Buffer.alloc(0) },
    { kind: "send", type: "binary", payload: Uint8Array.from({ length: 256 }, (_, index) => index) },
    { kind: "send", type: "binary", payload: Buffer.alloc(LARGE_BYTES, 0xa5) },
    { kind: "send", type: "ping", payload: Buffer.from("p") },
    { kind: "send", type: "pong", payload: Buffer.of(0xff) },
    { kind: "close", code: 4001, reason: "over 방 🙂" },
    { kind: "close", code: 1000, reason: "" },
  ];
}

export async function carriesTargets(bench: RelayBench): Promise<void> {
  await carries(
    bench,
    TARGETS.flatMap((target) => [
      envelopeOf(bench, { target }),
      envelopeOf(bench, { target, except: [randomUUID(), randomUUID()] }),
    ]),
  );
}

export async function carriesActions(bench: RelayBench): Promise<void> {
  await carries(
    bench,
    actions().map((action) => envelopeOf(bench, { action })),
  );
}

export async function keepsOrder(bench: RelayBench): Promise<void> {
  const [from, to] = [await bench.start(), await bench.start()];
  // Not awaited one by one: neither does a broadcaster.
  const published = range(MESSAGES_IN_ORDER).map((index) => from.publish(textOf(bench, `${index}`)));
  for (const index of range(MESSAGES_IN_ORDER)) {
    const delivered = shownText(await to.next());
    if (delivered !== `${index}`) throw outOfOrder(bench.of, delivered, `${index}`);
  }
  await Promise.all(published);
}

export async function reachesAll(bench: RelayBench): Promise<void> {
  const relays = [await bench.start(), await bench.start(), await bench.start()];
  for (const [index, { publish }] of relays.entries())
    await publish(textOf(bench, `from ${index}`, `${index}`));
  // The last of each, behind which nothing of the first can come any more.
  for (const [index, { publish }] of relays.entries()) await publish(textOf(bench, "last", `${index}`));
  for (const [index, relay] of relays.entries()) {
    const others = range(relays.length).filter((other) => other !== index);
    const seen: string[] = [];
    let lasts = 0;
    while (lasts < others.length) {
      const envelope = await relay.next();
      // Its own, which a relay may deliver and an application ignores.
      if (envelope.node === bench.node(`${index}`)) continue;
      if (shownText(envelope) === "last") lasts += 1;
      else seen.push(shownText(envelope));
    }
    const expected = others.map((other) => `from ${other}`);
    if (seen.sort().join() !== expected.join()) {
      throw deliveredOtherwise(bench.of, `application ${index}`, seen, expected);
    }
  }
}

export async function leavesEnvelope(bench: RelayBench): Promise<void> {
  const [from, to] = [await bench.start(), await bench.start()];
  const envelope = envelopeOf(bench, { target: { kind: "group", name: "a" }, except: [randomUUID()] });
  const before = shown(envelope);
  await from.publish(deepFreeze(envelope));
  await to.next();
  if (shown(envelope) !== before) throw changedOnTheWay(bench.of, before, shown(envelope));
}

export async function publishesAlone(bench: RelayBench): Promise<void> {
  const only = await bench.start();
  await only.publish(textOf(bench, "anybody there?"));
}

export async function stopsAtDispose(bench: RelayBench): Promise<void> {
  const [from, gone, stays] = [await bench.start(), await bench.start(), await bench.start()];
  if (!gone.isDisposable) throw notDisposable(bench.of);
  await from.publish(textOf(bench, "before"));
  await gone.next();
  await stays.next();
  await gone.dispose();
  const before = gone.delivered.length;
  for (const text of ["after", "long after"]) {
    await from.publish(textOf(bench, text));
    // Whatever reaches the one that stays has been on its way to the one that is gone for as long.
    await stays.next();
  }
  const late = gone.delivered.slice(before).map(shownText);
  if (late.length > 0) throw deliveredAfterDispose(bench.of, late);
}

async function carries(bench: RelayBench, envelopes: readonly BroadcastEnvelope[]): Promise<void> {
  const [from, to] = [await bench.start(), await bench.start()];
  for (const envelope of envelopes) {
    const published = shown(envelope);
    await from.publish(envelope);
    const delivered = shown(await to.next());
    if (delivered !== published) throw changedOnTheWay(bench.of, published, delivered);
  }
}

/** An envelope of the node that has this name in its case. */
function envelopeOf(
  bench: RelayBench,
  parts: Partial<BroadcastEnvelope>,
  node = "publisher",
): BroadcastEnvelope {
  const action: BroadcastAction = { kind: "send", type: "text", payload: Buffer.from("hello") };
  return { version: 1, node: bench.node(node), target: { kind: "all" }, except: [], action, ...parts };
}

function textOf(bench: RelayBench, text: string, node?: string): BroadcastEnvelope {
  return envelopeOf(bench, { action: { kind: "send", type: "text", payload: Buffer.from(text) } }, node);
}

type Loose<T> = { readonly [K in keyof T]?: unknown };

/** In one line, with the fields in one order and bytes as they are, whatever a relay has made of it. */
function shown({ version, node, target, except, action }: BroadcastEnvelope): string {
  const { kind: targetKind, name } = (target ?? {}) as Loose<BroadcastTarget & { name: string }>;
  const { kind, type, payload, code, reason } = (action ?? {}) as Loose<
    Extract<BroadcastAction, { kind: "send" }> & Extract<BroadcastAction, { kind: "close" }>
  >;
  const bytes = payload === undefined ? undefined : shownBytes(payload);
  return JSON.stringify([version, node, targetKind, name, except, kind, type, bytes, code, reason]);
}

function shownBytes(bytes: unknown): string {
  if (!(bytes instanceof Uint8Array)) return `no Uint8Array: ${String(bytes)}`;
  if (bytes.length <= LONGEST_SHOWN_BYTES) return Buffer.from(bytes).toString("hex");
  return `${bytes.length} bytes with the hash ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}

function shownText({ action }: BroadcastEnvelope): string {
  return action.kind === "send" ? Buffer.from(action.payload).toString() : "";
}

/** Bytes cannot be frozen. */
function deepFreeze(envelope: BroadcastEnvelope): BroadcastEnvelope {
  for (const part of [envelope.target, envelope.except, envelope.action]) Object.freeze(part);
  return Object.freeze(envelope);
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
