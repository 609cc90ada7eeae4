import type { CloseStatus, WebSocketSession } from "../../../src/index";
import { until } from "../until";
import { describePlan, type Plan } from "./plan";

type AnySession = WebSocketSession<object>;

/** What happened to one connection on the server, and what of it must not have. */
export class Life {
  readonly plan: Plan;
  /** The server has come to the moment of the plan. */
  isAtMoment = false;
  /** The client has read a 101. */
  sawOpening = false;
  pendingSends = 0;
  /** Messages that the client has sent, and those that the handler got. */
  sent = 0;
  delivered = 0;
  /** By interceptor: how often it was asked before and after the handshake, and whether it surely let it through. */
  readonly handshakes = new Map<string, { before: number; after: number; passed: boolean }>();
  readonly #violations: string[] = [];
  readonly #running: string[] = [];
  #session: AnySession | undefined;
  #lastStatus: CloseStatus | undefined;
  #closedStatus: CloseStatus | undefined;
  #hasAborted = false;
  #isOver = false;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** There from `afterConnectionEstablished` on. */
  get session(): AnySession | undefined {
    return this.#session;
  }

  /** The last callback has settled. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs a callback and watches that it is alone. */
  during(callback: string, session: AnySession, act: () => void | Promise<void>): void | Promise<void> {
    if (this.#running.length > 0) this.#violate(`${callback} while ${this.#running.join()} runs`);
    if (this.#lastStatus !== undefined) this.#violate(`${callback} after afterConnectionClosed`);
    if (callback === "afterConnectionEstablished") this.#begin(session);
    else if (this.#session !== session) this.#violate(`${callback} of another session, or too early`);
    this.#running.push(callback);
    const leave = (): void => void this.#running.splice(this.#running.indexOf(callback), 1);
    let result: void | Promise<void>;
    try {
      result = act();
    } catch (error) {
      leave();
      throw error;
    }
    if (result === undefined) return leave();
    return result.finally(leave);
  }

  /** The first thing in the last callback. */
  ends(session: AnySession, status: CloseStatus): void {
    this.#lastStatus = status;
    if (session.isOpen) this.#violate("open in afterConnectionClosed");
    if (session.closedBy === undefined) this.#violate("closed by nobody");
    if (!session.signal.aborted) this.#violate("the signal has not aborted in afterConnectionClosed");
    if (session.bufferedAmount !== 0)
      this.#violate(`${session.bufferedAmount} bytes wait in afterConnectionClosed`);
    this.#watchEnd(session);
    void this.send("too late");
  }

  /** The last thing in the last callback. */
  over(): void {
    this.#isOver = true;
  }

  send(payload: string | Buffer): Promise<boolean> {
    this.pendingSends += 1;
    const sent = this.#session!.sendMessage(payload);
    const isTooLate = this.#lastStatus !== undefined;
    sent.then(
      (wasSent) => {
        this.pendingSends -= 1;
        if (wasSent && isTooLate) this.#violate("sent after the end");
      },
      () => this.#violate("a send rejects"),
    );
    return sent;
  }

  handshakeOf(interceptor: string): { before: number; after: number; passed: boolean } {
    let handshake = this.handshakes.get(interceptor);
    if (handshake === undefined) {
      handshake = { before: 0, after: 0, passed: false };
      this.handshakes.set(interceptor, handshake);
    }
    return handshake;
  }

  /** Whether nothing is to be waited for any more. */
  get isSettled(): boolean {
    const hasEnded = this.#isOver && this.#closedStatus !== undefined && this.#hasAborted;
    return this.#running.length === 0 && this.pendingSends === 0 && (this.#session === undefined || hasEnded);
  }

  /** What is wrong when all should have ended. */
  violations(): readonly string[] {
    const found = [...this.#violations];
    if (this.sawOpening && this.#session === undefined) found.push("101 and no afterConnectionEstablished");
    if (this.#running.length > 0) found.push(`${this.#running.join()} still runs`);
    if (this.pendingSends > 0) found.push(`${this.pendingSends} sends do not settle`);
    if (this.#session !== undefined) {
      if (this.#lastStatus === undefined) found.push("no afterConnectionClosed");
      if (!this.#hasAborted) found.push("the signal does not abort");
      if (this.#closedStatus !== this.#lastStatus) {
        found.push(
          `closed is ${String(this.#closedStatus)}, afterConnectionClosed got ${String(this.#lastStatus)}`,
        );
      }
    }
    for (const [name, { before, after, passed }] of this.handshakes) {
      const isRight = passed || this.#session !== undefined ? after === 1 : after <= before;
      if (!isRight || before !== 1) found.push(`${name}: ${before} beforeHandshake, ${after} afterHandshake`);
    }
    return found.map((violation) => `${describePlan(this.plan)}: ${violation}`);
  }

  /** Whether messages are missing that came before the end of a client which closes in order. */
  get isUndelivered(): boolean {
    const { cut, moment } = this.plan;
    const isInOrder = cut === "close frame" || cut === "half-close";
    if (!isInOrder || moment === "full buffer" || moment === "close handshake") return false;
    return this.#session !== undefined && this.delivered !== this.sent;
  }

  #begin(session: AnySession): void {
    if (this.#session !== undefined) this.#violate("afterConnectionEstablished again");
    this.#session = session;
    if (this.plan.asksEarly) this.#watchEnd(session);
  }

  #watchEnd(session: AnySession): void {
    const { signal } = session;
    if (signal.aborted) this.#hasAborted = true;
    else signal.addEventListener("abort", () => (this.#hasAborted = true));
    void session.closed.then((status) => (this.#closedStatus = status));
  }

  #violate(violation: string): void {
    this.#violations.push(violation);
  }
}

/** The lives of all connections, by the number that stands in their paths. */
export class Lives {
  readonly #byNumber = new Map<number, Life>();

  begin(plan: Plan): Life {
    const life = new Life(plan);
    this.#byNumber.set(plan.number, life);
    return life;
  }

  of(pathVariables: object): Life {
    return this.#byNumber.get(Number((pathVariables as { readonly number: string }).number))!;
  }

  /** How many sessions were opened. */
  get opened(): number {
    return [...this.#byNumber.values()].filter(({ session }) => session !== undefined).length;
  }

  /** Waits until all is over; what is not after some time, `violations` tells. */
  async settle(): Promise<void> {
    const lives = [...this.#byNumber.values()];
    await until("the lives to end", () => lives.every(({ isSettled }) => isSettled)).catch(() => {});
  }

  /** Those that have lost messages, where nobody but the client has closed. */
  undelivered(): readonly string[] {
    const lives = [...this.#byNumber.values()].filter(({ isUndelivered }) => isUndelivered);
    return lives.map(
      ({ plan, sent, delivered }) => `${describePlan(plan)}: ${delivered} of ${sent} messages`,
    );
  }

  /** Those whose last callback has not settled, though they were opened. */
  unfinished(): readonly string[] {
    const lives = [...this.#byNumber.values()];
    return lives
      .filter(({ session, isOver }) => session !== undefined && !isOver)
      .map(({ plan }) => describePlan(plan));
  }

  violations(): readonly string[] {
    return [...this.#byNumber.values()].flatMap((life) => life.violations());
  }
}
