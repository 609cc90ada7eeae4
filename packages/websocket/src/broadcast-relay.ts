/** Whom a broadcast is for, as data. */
export type BroadcastTarget =
  { readonly kind: "all" } | { readonly kind: "path" | "user" | "group"; readonly name: string };

/** What a broadcast does to each session. */
export type BroadcastAction =
  | {
      readonly kind: "send";
      readonly type: "text" | "binary" | "ping" | "pong";
      /** The bytes of the message; of text its UTF-8. */
      readonly payload: Uint8Array;
    }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** One broadcast on its way to other processes. Plain data, to be written in whatever form a transport has. */
export interface BroadcastEnvelope {
  /** Of this form; an application ignores versions that it does not know. */
  readonly version: 1;
  /** The application that it comes from; a random UUID for each start. */
  readonly node: string;
  readonly target: BroadcastTarget;
  /** The ids of the sessions that are left out. */
  readonly except: readonly string[];
  readonly action: BroadcastAction;
}

/**
 * Carries the broadcasts of one application to others, for example over a message broker. Let a component extend it, or
 * provide one under this class, `{ token: BroadcastRelay, useClass: RedisRelay }`; without one nothing leaves the process.
 * It is made and started before, and disposed after, everything that it does not need itself.
 */
export abstract class BroadcastRelay {
  /**
   * Called at boot in the order of making and awaited, before the port opens; a throw ends the start. From then on
   * `deliver` takes what other applications published. It delivers to the sessions of this process only, ignores what
   * this application published itself, and never throws.
   */
  abstract start(deliver: (envelope: BroadcastEnvelope) => void): void | Promise<void>;

  /**
   * Called after each broadcast has been delivered in this process. Not awaited; a throw or a rejection is logged, and
   * the sender does not hear of it.
   */
  abstract publish(envelope: BroadcastEnvelope): void | Promise<void>;
}
