import { Random } from "./random";

/** When a connection is cut. */
export type Moment =
  | "half a head"
  | "head"
  | "beforeHandshake"
  | "determineUser"
  | "afterHandshake"
  | "afterConnectionEstablished"
  | "handleMessage"
  | "full buffer"
  | "close handshake"
  | "silence";

/** How: by the client, by the server, by user code that fails or refuses; in some way or other each ends it. */
export type Cut =
  | "FIN"
  | "half-close"
  | "RST"
  | "garbage"
  | "oversized message"
  | "close frame"
  | "close frame and RST"
  | "terminate()"
  | "close()"
  | "throw"
  | "CloseSessionError"
  | "refuse()";

export type Path = "/shared" | "/own" | "/guarded" | "/guarded-own" | "/dropping" | "/compressed";

const UNDER_WAY: readonly Cut[] = ["FIN", "half-close", "RST"];
const OF_A_CLIENT: readonly Cut[] = [
  ...UNDER_WAY,
  "garbage",
  "oversized message",
  "close frame",
  "close frame and RST",
];
const OUTSIDE: readonly Cut[] = [...OF_A_CLIENT, "terminate()", "close()"];
const IN_A_CALLBACK: readonly Cut[] = [...OUTSIDE, "throw", "CloseSessionError"];
const CUTS: Readonly<Record<Moment, readonly Cut[]>> = {
  "half a head": UNDER_WAY,
  head: OF_A_CLIENT,
  beforeHandshake: [...OF_A_CLIENT, "throw", "refuse()"],
  determineUser: [...OF_A_CLIENT, "throw", "refuse()"],
  afterHandshake: [...OF_A_CLIENT, "throw"],
  afterConnectionEstablished: IN_A_CALLBACK,
  handleMessage: IN_A_CALLBACK,
  "full buffer": [...UNDER_WAY, "close frame", "close frame and RST", "terminate()", "close()"],
  "close handshake": [...UNDER_WAY, "garbage", "terminate()", "close()"],
  silence: OUTSIDE,
};
/** Seldom where one costs megabytes. */
const MOMENTS: readonly Moment[] = [
  "half a head",
  ...Array<Moment>(4).fill("head"),
  ...Array<Moment>(5).fill("beforeHandshake"),
  ...Array<Moment>(5).fill("determineUser"),
  ...Array<Moment>(3).fill("afterHandshake"),
  ...Array<Moment>(10).fill("afterConnectionEstablished"),
  ...Array<Moment>(12).fill("handleMessage"),
  "full buffer",
  ...Array<Moment>(8).fill("close handshake"),
  ...Array<Moment>(6).fill("silence"),
];
const GUARDED: readonly Path[] = ["/guarded", "/guarded-own"];
const ANY_PATH: readonly Path[] = [...GUARDED, "/shared", "/own", "/dropping", "/compressed"];
/** An end that is noticed whatever waits to be read. */
const NOTICED_AT_ONCE: readonly Cut[] = ["RST", "terminate()"];

/** What becomes of one connection, all of it made of a seed and a number. */
export interface Plan {
  readonly seed: number;
  readonly number: number;
  readonly path: Path;
  readonly moment: Moment;
  readonly cut: Cut;
  /** Whether a cut of the server comes out of the callback, or from elsewhere while it runs. */
  readonly fromInside: boolean;
  /** For how many turns of the event loop callbacks wait. 0: they are synchronous. */
  readonly holds: number;
  /** Whether the callback of the moment waits until its session has ended. */
  readonly holdsUntilGone: boolean;
  /** For how many turns the last callback waits. */
  readonly lingers: number;
  /** How many turns lie between the moment and the cut. */
  readonly delay: number;
  /** How many messages are sent before the one that matters. */
  readonly messages: number;
  /** Whether they come in one write with the head. */
  readonly isHasty: boolean;
  /** Whether `session.closed` and `session.signal` are asked for at once, and not at the end. */
  readonly asksEarly: boolean;
  /** Whether the client answers a close frame. */
  readonly answersClose: boolean;
  /** Whether a producer waits for its sends, and not sends all at once. */
  readonly waitsForSends: boolean;
  /** Which part of the head is sent where it is torn off. */
  readonly part: number;
}

export function planOf(seed: number, number: number): Plan {
  const random = new Random(seed, number);
  const moment = random.pick(MOMENTS);
  const cut = random.pick(CUTS[moment]);
  const isGuarded = ["beforeHandshake", "determineUser", "afterHandshake"].includes(moment);
  const holds = random.pick([0, 0, 1, 2, 5, 12]);
  return {
    seed,
    number,
    path: random.pick(isGuarded ? GUARDED : ANY_PATH),
    moment,
    cut,
    fromInside: random.happens(0.5),
    holds,
    holdsUntilGone: holds > 0 && NOTICED_AT_ONCE.includes(cut) && random.happens(0.5),
    lingers: random.pick([0, 0, 1, 6]),
    delay: random.below(4),
    messages: random.pick([0, 0, 1, 3, 12]),
    isHasty: random.happens(0.3),
    asksEarly: random.happens(0.5),
    answersClose: random.happens(0.5),
    waitsForSends: random.happens(0.5),
    part: random.next(),
  };
}

/** Enough to do it again. */
export function describePlan(plan: Plan): string {
  return `seed ${plan.seed}, connection ${plan.number}, ${plan.cut} in ${plan.moment} on ${plan.path}`;
}
