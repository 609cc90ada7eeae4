import { randomUUID } from "node:crypto";
import type { BroadcastEnvelope, BroadcastRelay, VernalError } from "@vernal/websocket";
import { Arrivals } from "./arrivals";
import type { BroadcastRelaySubject } from "./broadcast-relay-subject";
import { askWithin, makeWithin } from "./contract";
import { calledInVain, notDelivered, type FindingCase } from "./contract-errors";

/** A relay that has been started, and what it has delivered. */
export interface StartedRelay {
  readonly delivered: readonly BroadcastEnvelope[];
  /** The next envelope that was delivered. */
  readonly next: () => Promise<BroadcastEnvelope>;
  readonly publish: (envelope: BroadcastEnvelope) => Promise<void>;
  readonly dispose: () => Promise<void>;
  /** Whether anything can end it. */
  readonly isDisposable: boolean;
}

type Deliver = (envelope: BroadcastEnvelope) => void;

/** The relays of one case. Each call of one has a limit, and what it throws is a finding. */
export class RelayBench {
  readonly of: FindingCase;
  readonly timeoutMs: number;
  readonly #subject: BroadcastRelaySubject;
  /** What other cases left on the broker, and what others publish there, is none of this one. */
  readonly #ownNodes = new Set<string>();
  readonly #nodesByName = new Map<string, string>();
  readonly #disposals = new Map<BroadcastRelay, Promise<void>>();
  readonly #publishing: Promise<void>[] = [];
  readonly #made: BroadcastRelay[] = [];
  #failure: VernalError | undefined;

  constructor(of: FindingCase, subject: BroadcastRelaySubject & { readonly timeoutMs: number }) {
    this.of = of;
    this.timeoutMs = subject.timeoutMs;
    this.#subject = subject;
  }

  /** What a call of a relay threw first: the reason of what is missed later. */
  get failure(): VernalError | undefined {
    return this.#failure;
  }

  /** The node of the application that has this name in its case. */
  node(name: string): string {
    const node = this.#nodesByName.get(name) ?? randomUUID();
    this.#nodesByName.set(name, node);
    this.adopt(node);
    return node;
  }

  /** Counts an application as one of this case that has a node already. */
  adopt(node: string): void {
    this.#ownNodes.add(node);
  }

  isOwn(envelope: BroadcastEnvelope | undefined): boolean {
    return envelope !== undefined && this.#ownNodes.has(envelope.node);
  }

  /** Makes one relay more. */
  async create(): Promise<BroadcastRelay> {
    const relay = await makeWithin(
      this.timeoutMs,
      this.of,
      () => this.#subject.create(),
      (late) => this.dispose(late),
    );
    this.#made.push(relay);
    return relay;
  }

  /** Makes and starts one relay more. */
  async start(): Promise<StartedRelay> {
    const relay = await this.create();
    const delivered = new Arrivals<BroadcastEnvelope>();
    let others = 0;
    await this.startRelay(relay, (envelope) => {
      if (this.isOwn(envelope)) delivered.add(envelope);
      else others += 1;
    });
    const { dispose } = relay as { dispose?: unknown };
    return {
      delivered: delivered.all,
      next: async () => {
        try {
          return await delivered.take(this.timeoutMs, (_reason, waitedMs) =>
            notDelivered(this.of, waitedMs, others),
          );
        } catch (error) {
          throw this.#failure ?? error;
        }
      },
      publish: (envelope) => this.publish(relay, envelope),
      dispose: () => this.dispose(relay),
      isDisposable: this.#subject.dispose !== undefined || typeof dispose === "function",
    };
  }

  startRelay(relay: BroadcastRelay, deliver: Deliver): Promise<void> {
    return this.#call("start()", () => relay.start(deliver));
  }

  publish(relay: BroadcastRelay, envelope: BroadcastEnvelope): Promise<void> {
    const publishing = this.#call("publish()", () => relay.publish(envelope));
    // Some are awaited late or not at all; the failure is kept.
    publishing.catch(() => {});
    this.#publishing.push(publishing);
    return publishing;
  }

  /** Once for each, whoever asks. */
  dispose(relay: BroadcastRelay): Promise<void> {
    const disposal = this.#disposals.get(relay) ?? this.#call("dispose()", () => this.#disposeOf(relay));
    this.#disposals.set(relay, disposal);
    return disposal;
  }

  /** Disposes all, also behind one that fails, when nothing is being published any more. */
  async giveBack(): Promise<void> {
    await Promise.allSettled(this.#publishing);
    const disposals = await Promise.allSettled(this.#made.map((relay) => this.dispose(relay)));
    for (const disposal of disposals) if (disposal.status === "rejected") throw disposal.reason;
  }

  async #disposeOf(relay: BroadcastRelay): Promise<void> {
    const { dispose } = this.#subject;
    if (dispose !== undefined) await dispose(relay);
    else await (relay as { dispose?(): void | Promise<void> }).dispose?.();
  }

  async #call(call: string, ask: () => void | Promise<void>): Promise<void> {
    try {
      await askWithin(this.timeoutMs, this.of, call, async () => {
        try {
          await ask();
        } catch (error) {
          throw calledInVain(this.of, call, error);
        }
      });
    } catch (error) {
      this.#failure ??= error as VernalError;
      throw error;
    }
  }
}
