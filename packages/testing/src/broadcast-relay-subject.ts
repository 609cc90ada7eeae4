import type { BroadcastRelay } from "@vernal/websocket";

/** What `broadcastRelayContract` is to look at. */
export interface BroadcastRelaySubject {
  /**
   * Makes the relay of one application more, not started; a promise is awaited. All that are made in one case have to reach
   * each other, as on one broker.
   */
  readonly create: () => BroadcastRelay | Promise<BroadcastRelay>;
  /** Gives one back, after its application has closed. Default: its own `dispose()`. */
  readonly dispose?: (relay: BroadcastRelay) => void | Promise<void>;
  /**
   * How long an envelope, and each call of the relay and of the functions here, may take. Milliseconds, `Infinity` for no
   * limit, default 2000. A runner's own limit for a test should be longer.
   */
  readonly timeoutMs?: number;
}
