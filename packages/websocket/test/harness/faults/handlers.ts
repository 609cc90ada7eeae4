import { randomBytes } from "node:crypto";
import {
  AbstractWebSocketHandler,
  CloseSessionError,
  CloseStatus,
  refuse,
  WebSocketHandler,
  type BinaryMessage,
  type HandshakeHandler,
  type HandshakeInterceptor,
  type HandshakeRequest,
  type Principal,
  type Refusal,
  type TextMessage,
  type WebSocketSession,
} from "../../../src/index";
import { turns } from "../turns";
import { Lives, type Life } from "./life";
import type { Moment } from "./plan";

type AnySession = WebSocketSession<object>;

/** What user code throws here begins with it. */
export const PLANNED = "planned";
/** More than the systems of both sides hold, also compressed. */
const FLOOD = { frames: 160, frame: randomBytes(64 * 1024) };

let lives = new Lives();
/** Handlers of one connection: how often each was disposed. */
const disposals = new Map<object, number>();

/** The handlers find the lives of this run. */
export function watch(): Lives {
  lives = new Lives();
  disposals.clear();
  return lives;
}

export function undisposed(): number {
  return [...disposals.values()].filter((count) => count !== 1).length;
}

export function madeHandlers(): number {
  return disposals.size;
}

/** Does to each session what its plan says. */
class Doomed extends AbstractWebSocketHandler {
  override afterConnectionEstablished(session: AnySession): void | Promise<void> {
    const life = lives.of(session.pathVariables);
    return life.during("afterConnectionEstablished", session, () => {
      session.join(`group ${life.plan.number % 7}`);
      return comeTo("afterConnectionEstablished", life, session);
    });
  }

  override handleTextMessage(session: AnySession, { payload }: TextMessage): void | Promise<void> {
    const life = lives.of(session.pathVariables);
    return life.during("handleMessage", session, () => {
      life.delivered += 1;
      // Long enough to be compressed.
      void life.send(`echo of ${payload}`.padEnd(life.plan.path === "/compressed" ? 4000 : 0));
      if (payload === "flood") return flood(life);
      if (payload === "close") session.close();
      return payload === "now" ? comeTo("handleMessage", life, session) : wait(life, session, false);
    });
  }

  override handleBinaryMessage(session: AnySession, _message: BinaryMessage): void | Promise<void> {
    return lives.of(session.pathVariables).during("handleMessage", session, () => {});
  }

  override handleTransportError(session: AnySession, _error: Error): void | Promise<void> {
    const life = lives.of(session.pathVariables);
    return life.during("handleTransportError", session, () => wait(life, session, false));
  }

  override afterConnectionClosed(session: AnySession, status: CloseStatus): void | Promise<void> {
    const life = lives.of(session.pathVariables);
    return life.during("afterConnectionClosed", session, () => {
      life.ends(session, status);
      if (life.plan.lingers > 0) return turns(life.plan.lingers).then(() => life.over());
      life.over();
      if (life.plan.cut === "throw") throw new Error(`${PLANNED} in afterConnectionClosed`);
    });
  }
}

/** What a plan does at its moment, where user code is to do it. */
function comeTo(moment: Moment, life: Life, session: AnySession): void | Promise<void> {
  const { plan } = life;
  if (plan.moment !== moment) return wait(life, session, false);
  life.isAtMoment = true;
  const act = (): void => {
    if (plan.cut === "throw") throw new Error(PLANNED);
    if (plan.cut === "CloseSessionError") throw new CloseSessionError(new CloseStatus(4000, "planned"));
    if (plan.fromInside && plan.cut === "terminate()") session.native.terminate();
    if (plan.fromInside && plan.cut === "close()") session.close(CloseStatus.GOING_AWAY);
  };
  if (!plan.fromInside) {
    const waiting = wait(life, session, plan.holdsUntilGone);
    if (waiting !== undefined) return waiting.then(act);
  }
  act();
  return wait(life, session, plan.holdsUntilGone);
}

function wait({ plan }: Life, { signal }: AnySession, untilGone: boolean): void | Promise<void> {
  if (untilGone && !signal.aborted) {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  }
  return plan.holds === 0 ? undefined : turns(plan.holds);
}

async function flood(life: Life): Promise<void> {
  life.isAtMoment = true;
  for (let count = 0; count < FLOOD.frames; count += 1) {
    const sent = life.send(FLOOD.frame);
    if (life.plan.waitsForSends && !(await sent)) return;
    // Else it would be one burst, which may take its time.
    if (count % 16 === 15) await turns(1);
  }
}

const LIMITS = { maxPendingMessages: 4, closeTimeoutMs: 100 } as const;

/** Watches that each interceptor which lets a request through is told how it went. */
class Gate implements HandshakeInterceptor {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async beforeHandshake(request: HandshakeRequest): Promise<void | Refusal> {
    const life = lives.of(request.pathVariables);
    life.handshakeOf(this.#name).before += 1;
    if (this.#name === "first") return turns(life.plan.holds);
    life.handshakeOf("first").passed = true;
    return ask("beforeHandshake", request, life);
  }

  async afterHandshake(request: HandshakeRequest): Promise<void> {
    const life = lives.of(request.pathVariables);
    life.handshakeOf(this.#name).after += 1;
    if (this.#name === "first") await ask("afterHandshake", request, life);
  }
}

const users: HandshakeHandler = {
  async determineUser(request): Promise<Principal | Refusal> {
    const life = lives.of(request.pathVariables);
    life.handshakeOf("second").passed = true;
    const refusal = await ask("determineUser", request, life);
    return refusal ?? { name: `user ${life.plan.number % 5}` };
  },
};

async function ask(moment: Moment, { signal }: HandshakeRequest, life: Life): Promise<void | Refusal> {
  const { plan } = life;
  if (plan.moment !== moment) return turns(plan.holds);
  life.isAtMoment = true;
  if (plan.cut === "throw") throw new Error(PLANNED);
  if (plan.cut === "refuse()") return refuse(401, "Not you.");
  // The leaving of a client that has sent more is seen only later.
  if (plan.cut === "RST" && plan.holdsUntilGone && !plan.isHasty) {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve());
    });
  }
  return turns(plan.holds);
}

const guarded = { interceptors: [new Gate("first"), new Gate("second")], handshakeHandler: users };

class DoomedOfOne extends Doomed {
  constructor() {
    super();
    disposals.set(this, 0);
  }

  async dispose(): Promise<void> {
    disposals.set(this, disposals.get(this)! + 1);
    await turns(1);
  }
}

@WebSocketHandler("/shared/{number}", LIMITS)
class Shared extends Doomed {}
@WebSocketHandler("/own/{number}", { ...LIMITS, scope: "connection" })
class Own extends DoomedOfOne {}
@WebSocketHandler("/guarded/{number}", { ...LIMITS, ...guarded, maxConnectionsPerUser: 2 })
class Guarded extends Doomed {}
@WebSocketHandler("/guarded-own/{number}", { ...LIMITS, ...guarded, scope: "connection" })
class GuardedOwn extends DoomedOfOne {}
@WebSocketHandler("/dropping/{number}", { ...LIMITS, overflowStrategy: "drop", sendBufferLimitBytes: 65_536 })
class Dropping extends Doomed {}

@WebSocketHandler("/compressed/{number}", { ...LIMITS, perMessageDeflate: true })
class Compressed extends Doomed {}

export const DOOMED = [Shared, Own, Guarded, GuardedOwn, Dropping, Compressed] as const;
