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
 * It is made and started before, and disposed after, everything that it does not need itself. What it has to keep, and
 * `broadcastRelayContract` of `@vernal/testing` checks:
 *
 * - An envelope reaches every other application once that has been started by the time it is published. It may come back to
 *   the one that has published it, which ignores it.
 * - It arrives as it was published, whatever target, excepted sessions and action it has: names as they are written, the
 *   bytes of a payload as a `Uint8Array`, none as well as many.
 * - What one application publishes arrives in that order, also where it does not wait for one before the next. Between two
 *   applications there is no order.
 * - An envelope is left as it is, its bytes too: it is read and not written into.
 * - An envelope is taken also where nobody else listens.
 * - Whoever extends it has a `dispose()`, which the application calls when it has closed. Once that has settled nothing more
 *   is delivered there, and the others hear each other as before.
 * - Each call settles in time.
 */
export abstract class BroadcastRelay {
  /**
   * Called at boot in the order of making and awaited, before the port opens; a throw ends the start. From then on
   * `deliver` takes what other applications published. It delivers to the sessions of this process only, ignores what
   * this application published itself, and never throws.
   */
  abstract start(deliver: (envelope: BroadcastEnvelope) => void): void | Promise<void>;

  /**
   * Called after each broadcast has been delivered in this process. Not awaited, so the next call may come before this one
   * has settled; a throw or a rejection is logged, and the sender does not hear of it.
   */
  abstract publish(envelope: BroadcastEnvelope): void | Promise<void>;
}
